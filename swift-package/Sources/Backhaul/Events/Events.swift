/// What happens in a session, as an asynchronous sequence (rule S6).
///
/// It begins with what happens after it was made. A reader that is slow gets the newest progress only, and
/// ``SessionEvent/missed(_:)`` where its buffer was full; nobody waits for it. It ends when the session does. Copies
/// and iterators share one buffer; when the last of them is dropped, nothing is kept any more.
///
/// Ends of tasks are acknowledged by the delegate, not by readers (rule D4).
public struct Events: AsyncSequence, Sendable {
    public typealias Element = SessionEvent

    let subscription: Subscription<SessionEvent>

    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        let subscription: Subscription<SessionEvent>

        /// The next event; nil when the session has ended, or the caller's task was cancelled.
        public mutating func next() async -> SessionEvent? {
            await subscription.next()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(subscription: subscription)
    }
}
