import Foundation

extension DownloadTask {
    /// The finished file, once it is there: at once if the task has ended already. The task must have been resumed by
    /// somebody.
    ///
    /// Cancelling the Swift task that waits ends the wait, not the download: it would outlive the process anyway.
    ///
    /// - Throws: ``BackhaulError``, why the task ended without a file; `CancellationError`.
    public var value: DownloadedFile {
        get async throws {
            let end = session.adapter.hub.outcome(of: taskIdentifier)
            if let file = try await finishedFile() { return file }
            if let outcome = await end.next() { return try outcome.get() }
            try Task.checkCancellation()
            // Its end is left to a later launch, or the session has ended.
            if let file = try await finishedFile() { return file }
            throw BackhaulError(.sessionInvalidated, "the session has ended, and the task has not")
        }
    }

    /// Its progress: first where it stands (rule E2).
    public var progress: ProgressUpdates {
        ProgressUpdates(task: self)
    }

    /// What the store says of a task that has ended; nil while it has not.
    private func finishedFile() async throws -> DownloadedFile? {
        let task = try await explained().task
        guard task.state == .completed else { return nil }
        if let error = task.error { throw error }
        guard let location = session.settings.location(of: task.destination) else {
            throw BackhaulError(
                .invalidDestination,
                "the base directory \(task.destination.base) is not named in this launch"
            )
        }
        return DownloadedFile(
            location: location,
            length: task.countOfBytesReceived,
            response: nil,
            isValidatorWeak: false,
            isLengthUnverified: false
        )
    }
}
