import Backhaul
import Foundation
import WatchAppContent

/// What becomes of what came. Called on a thread of the session's own, in the foreground and in wakes alike.
///
/// An end that is told again after a crash (rule D4) finds its work done, or does it again: each step can be repeated.
extension Downloads: SessionDownloadDelegate {
    func urlSession(_ session: Session, downloadTask task: DownloadTask, didFinishDownloadingTo file: URL) throws {
        switch task.snapshot?.note?.download {
        case .feed, .nextFeed: try takeFeed(file, of: task, in: session)
        case .picture: try store.noteNews()
        case .cover, nil: break
        }
    }

    /// All that was to be told has been told: time to tell the widget, once, and to look ahead.
    func urlSessionDidFinishEvents(forBackgroundURLSession session: Session) throws {
        try store.tellNews(environment.reloadWidget)
        // What failed stays in the list until the user pulls it down.
        try forgetEnded(in: session) { task in
            task.callerID == Download.nextFeed.callerID || (task.error == nil && task.note?.problem == nil)
        }
        try askForNextFeed(in: session)
    }

    private func takeFeed(_ file: URL, of task: DownloadTask, in session: Session) throws {
        // Told again: the feed was taken the first time.
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        let json = try Data(contentsOf: file)
        if let feed = try? Feed(json: json) {
            try askForPictures(of: feed, in: session)
            try store.install(json)
        } else {
            // Not thrown: it would be told again at every launch, and be no better.
            try task.setProblem("The server sent something that is not a feed.")
        }
        try FileManager.default.removeItem(at: file)
    }
}
