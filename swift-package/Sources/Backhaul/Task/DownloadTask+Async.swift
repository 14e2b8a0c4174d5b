import Foundation

extension DownloadTask {
    /// The finished file, once it is there: at once if the task has ended already. Nobody resumes the task by waiting.
    ///
    /// The delegate is told first, unless the task had ended before. Cancelling the Swift task that waits ends the wait,
    /// not the download: that would outlive the process anyway.
    ///
    /// - Throws: ``BackhaulError``, why the task ended without a file; `CancellationError`.
    public var value: DownloadedFile {
        get async throws {
            // Before the question: what ends in between is not missed.
            let end = session.adapter.hub.outcome(of: taskIdentifier)
            if let file = try await file() { return file }
            if let outcome = await end.next() { return try outcome.get() }
            try Task.checkCancellation()
            // Its end is left to a later launch, or the session has ended.
            if let file = try await file() { return file }
            throw BackhaulError(.sessionInvalidated, "the session has ended, and the task has not")
        }
    }

    /// Its progress: first where it stands (rule E2).
    public var progress: ProgressUpdates {
        ProgressUpdates(task: self)
    }
}
