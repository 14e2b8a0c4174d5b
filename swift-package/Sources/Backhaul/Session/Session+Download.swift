import Foundation

extension Session {
    /// Makes a task, starts it, and waits for its file.
    ///
    /// Cancelling the Swift task that waits cancels the download of a default or ephemeral session. One of a background
    /// session goes on, and its delegate is told.
    ///
    /// - Throws: ``BackhaulError``, why there is no file; `CancellationError`.
    public func download(from request: Request) async throws -> DownloadedFile {
        let task = try downloadTask(with: request)
        return try await withTaskCancellationHandler {
            try task.resume()
            return try await task.value
        } onCancel: {
            guard identifier == nil else { return }
            // A session that has ended has cancelled it already.
            try? task.cancel()
        }
    }

    /// Makes a task, starts it, and waits for its file.
    ///
    /// - Throws: As `download(from:)` with a request.
    public func download(from url: URL) async throws -> DownloadedFile {
        try await download(from: Request(url: url))
    }
}
