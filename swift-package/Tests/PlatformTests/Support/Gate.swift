import Dispatch

/// Keeps a thread until the test lets it go.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func pass() {
        _ = semaphore.wait(timeout: .now() + 60)
    }

    func open() {
        semaphore.signal()
    }
}
