#if canImport(Network)
    import Foundation

    /// Something of the platform's that is touched on the main thread only: a completion handler, a refresh task.
    @MainActor
    struct OnMain<Value> {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    /// At once where this is the main thread already; else there, after what was put there before.
    func onMainThread(_ work: @escaping @MainActor @Sendable () -> Void) {
        if Thread.isMainThread {
            MainActor.assumeIsolated(work)
        } else {
            DispatchQueue.main.async { MainActor.assumeIsolated(work) }
        }
    }
#endif
