extension DownloadTask {
    /// A task's progress, as an asynchronous sequence (rule E2): first where it stands, then at most ten times a
    /// second, and a last exact one. It ends with the task. A reader that is slow gets the newest only.
    public struct ProgressUpdates: AsyncSequence, Sendable {
        public typealias Element = Progress

        let task: DownloadTask

        public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
            private let task: DownloadTask
            private let subscription: Subscription<Progress>
            private var hasBegun = false
            private var isOver = false

            init(task: DownloadTask) {
                self.task = task
                subscription = task.session.adapter.hub.progress(of: task.taskIdentifier)
            }

            /// The next; nil when the task has ended, or the caller's task was cancelled.
            public mutating func next() async -> Progress? {
                if hasBegun { return isOver ? nil : await subscription.next() }
                hasBegun = true
                // After registering: what happens in between is told, if twice.
                guard let snapshot = try? await task.explained().task else {
                    isOver = true
                    return nil
                }
                isOver = snapshot.state == .completed
                return Progress(snapshot: snapshot)
            }
        }

        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(task: task)
        }
    }
}
