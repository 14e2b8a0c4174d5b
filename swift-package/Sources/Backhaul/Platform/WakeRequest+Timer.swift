#if canImport(Network)
    import Foundation

    extension WakeRequest {
        /// How often it is worth a look whether there is a charger by now.
        private static let recheck: TimeInterval = 60 * 60

        /// When a timer should fire that can wait for nothing but a date.
        ///
        /// Without the charger that it is to wait for it would fire for nothing, so it is given an hour, and no more
        /// than the request has. A network that is of use is there more often than not.
        func date(withoutConstraintsAt now: Date) -> Date {
            guard constraints.charging else { return earliestBeginDate }
            let patient = max(earliestBeginDate, now + WakeRequest.recheck)
            return latest.map { min($0, patient) } ?? patient
        }
    }
#endif
