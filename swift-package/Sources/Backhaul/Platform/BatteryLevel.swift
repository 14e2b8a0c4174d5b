#if canImport(Network)
    /// From 0.0…1.0; negative where nobody knows.
    func percent(ofBatteryLevel level: Float) -> Int? {
        level < 0 ? nil : Int((level * 100).rounded())
    }
#endif
