import Foundation

/// A bounded queue from the delegate's calls to whoever iterates (rule E2). The sender never waits: an element
/// that is newer news of the last one replaces it, and what does not fit is counted.
final class Channel<Element: Sendable>: Sendable {
    /// What an element that came after `last` makes of it; nil if both must be kept.
    typealias Merge = @Sendable (_ last: Element, _ next: Element) -> Element?

    private struct State {
        var buffer: [Element] = []
        /// Elements that did not fit since the last one that did.
        var missed = 0
        var isFinished = false
        /// Those that wait for an element, by a number of their own.
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Element?, Never>)] = []
        var nextID: UInt64 = 0
    }

    private let state = Guarded(State())
    private let limit: Int
    private let merge: Merge
    private let noteMissed: @Sendable (Int) -> Element?

    /// `noteMissed` makes the element that says how many others did not fit.
    init(limit: Int, merge: @escaping Merge, noteMissed: @escaping @Sendable (Int) -> Element?) {
        self.limit = max(1, limit)
        self.merge = merge
        self.noteMissed = noteMissed
    }

    func send(_ element: Element) {
        let waiter = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            guard !state.isFinished else { return nil }
            if !state.waiters.isEmpty { return state.waiters.removeFirst().continuation }
            if let last = state.buffer.last, let merged = merge(last, element) {
                state.buffer[state.buffer.count - 1] = merged
            } else if state.buffer.count < limit {
                // In front of it stands how many were missed before it.
                if let note = takeMissed(&state) { state.buffer.append(note) }
                state.buffer.append(element)
            } else {
                state.missed += 1
            }
            return nil
        }
        waiter?.resume(returning: element)
    }

    /// What is in the queue can still be taken.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    /// The next element; nil when the channel is finished and empty, or the caller's task is cancelled.
    func next() async -> Element? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Element?? in
                    if let element = take(&state) { return .some(element) }
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    state.waiters.append((id, continuation))
                    return .none
                }
                if case .some(let element) = ready { continuation.resume(returning: element) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// The oldest element.
    private func take(_ state: inout State) -> Element? {
        state.buffer.isEmpty ? takeMissed(&state) : state.buffer.removeFirst()
    }

    private func takeMissed(_ state: inout State) -> Element? {
        guard state.missed > 0 else { return nil }
        defer { state.missed = 0 }
        return noteMissed(state.missed)
    }
}
