import Foundation

/// Something that did not happen in time, or cannot be done, in the words of the test.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// How long a test waits for what must come. Only a test that fails waits so long.
public let patience = Duration.seconds(30)

/// A value that tests can wait for: every change is looked at once, nobody polls.
public final class Watched<Value: Sendable>: @unchecked Sendable {
    private struct Waiter {
        let id: UUID
        let isSeen: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value?, Never>
    }

    private let lock = NSLock()
    private var value: Value
    private var waiters: [Waiter] = []

    public init(_ value: Value) {
        self.value = value
    }

    public var current: Value { lock.withLock { value } }

    @discardableResult
    public func change<Result>(_ body: (inout Value) -> Result) -> Result {
        let (result, seen, now) = lock.withLock {
            let result = body(&value)
            let seen = waiters.filter { $0.isSeen(value) }
            waiters.removeAll { waiter in seen.contains { $0.id == waiter.id } }
            return (result, seen, value)
        }
        for waiter in seen { waiter.continuation.resume(returning: now) }
        return result
    }

    /// The value once `isSeen` says yes.
    ///
    /// - Throws: ``TestFailure`` when it does not within ``patience``.
    @discardableResult
    public func wait(
        for what: @autoclosure @escaping @Sendable () -> String,
        until isSeen: @escaping @Sendable (Value) -> Bool
    ) async throws -> Value {
        try await within(patience, what()) {
            guard let value = await self.next(isSeen) else { throw CancellationError() }
            return value
        }
    }

    private func next(_ isSeen: @escaping @Sendable (Value) -> Bool) async -> Value? {
        let id = UUID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Value?? = lock.withLock {
                    if isSeen(value) { return .some(value) }
                    if Task.isCancelled { return .some(nil) }
                    waiters.append(Waiter(id: id, isSeen: isSeen, continuation: continuation))
                    return .none
                }
                if case .some(let value) = ready { continuation.resume(returning: value) }
            }
        } onCancel: {
            let waiter = lock.withLock {
                waiters.firstIndex { $0.id == id }.map { waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: nil)
        }
    }
}

/// What `work` gives, if it does in time: it must heed cancellation.
///
/// - Throws: ``TestFailure`` when it does not; what `work` throws.
public func within<Value: Sendable>(
    _ time: Duration,
    _ what: @autoclosure @escaping @Sendable () -> String,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: time)
            return nil
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() ?? nil else {
            throw TestFailure("waited \(time) in vain for \(what())")
        }
        return value
    }
}
