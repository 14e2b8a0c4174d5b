@preconcurrency import Dispatch

extension System {
    /// Whether this is the main thread, as an app would see it: what the main queue or the main actor runs.
    ///
    /// Not `Thread.isMainThread`: on Linux an asynchronous `main` leaves its thread, and others serve the main queue.
    public static var isMainThread: Bool {
        DispatchQueue.getSpecific(key: mainQueueMark) == true
    }

    private static let mainQueueMark: DispatchSpecificKey<Bool> = {
        let key = DispatchSpecificKey<Bool>()
        DispatchQueue.main.setSpecific(key: key, value: true)
        return key
    }()
}
