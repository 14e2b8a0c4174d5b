import Backhaul
import Foundation

/// One run of an app, for tests that kill it: makes its session again, sees to it that its downloads are queued, says
/// what it is told, and ends when all of it was.
///
/// Arguments: the container, the word at which to stop until killed (`none`, or one that it says), and the URLs.
@main
enum Host {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 3 else { fatalError("usage: backhaul-swift-host CONTAINER STOPS-AT URL...") }
        let say = Voice(stopsAt: arguments[2])
        let container = URL(fileURLWithPath: arguments[1], isDirectory: true)
        let urls = arguments.dropFirst(2).compactMap(URL.init(string:))
        say("started")
        let (told, tell) = AsyncStream.makeStream(of: Void.self)
        let app = App(say) { tell.yield() }
        let launch = try SessionLaunch(configuration: configuration(in: container), delegate: app)
        let sessions = try BackgroundSessions.launch(container: container) { _ in launch }
        let session = try sessions.open(launch)
        try await session.enqueue(urls.map(request))
        say("enqueued")
        // All of it may have been told before.
        tell.yield()
        for await () in told where try await isOver(session) { break }
        say("done")
    }

    private static func configuration(in container: URL) throws -> SessionConfiguration<Background> {
        var configuration = try SessionConfiguration.background(withIdentifier: "com.example.host")
        configuration.isDiscretionary = false
        configuration.container = container
        configuration.transferService = .builtIn
        configuration.plainHTTPHosts = ["127.0.0.1"]
        return configuration
    }

    /// The same name again gives back the first task (rule L5).
    private static func request(_ url: URL) -> Request {
        var request = Request(url: url)
        request.callerID = url.lastPathComponent
        request.destination = .container(url.lastPathComponent)
        return request
    }

    private static func isOver(_ session: Session) async throws -> Bool {
        guard session.status.undelivered == 0 else { return false }
        return try await session.allTasks.allSatisfy { $0.state == .completed }
    }
}

/// Says lines that are there when it returns.
struct Voice: Sendable {
    let stopsAt: String

    func callAsFunction(_ word: String, _ more: String = "") {
        FileHandle.standardOutput.write(Data("\(word) \(more)\n".utf8))
        while word == stopsAt { pause() }
    }
}

/// The app's delegate.
final class App: SessionDownloadDelegate {
    private let say: Voice
    private let tellMain: @Sendable () -> Void

    init(_ say: Voice, tellMain: @escaping @Sendable () -> Void) {
        self.say = say
        self.tellMain = tellMain
    }

    private func note(_ word: String, _ task: DownloadTask, _ number: Int64 = 0) {
        say(word, "\(task.snapshot?.callerID ?? "?") \(number)")
    }

    func urlSession(_ session: Session, didCreateTask task: DownloadTask) {
        note("created", task)
    }

    func urlSession(_ session: Session, downloadTask: DownloadTask, didFinishDownloadingTo location: URL) {
        note("finished", downloadTask, downloadTask.snapshot?.sequence ?? -1)
    }

    func urlSession(_ session: Session, task: DownloadTask, didCompleteWithError error: BackhaulError?) {
        note(error == nil ? "completed" : "failed", task, task.snapshot?.sequence ?? -1)
    }

    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didWriteData bytesWritten: Int64,
        totalBytesWritten: Int64,
        totalBytesExpectedToWrite: Int64
    ) {
        note("wrote", downloadTask, totalBytesWritten)
    }

    func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didResumeAtOffset fileOffset: Int64,
        expectedTotalBytes: Int64
    ) {
        note("resumed", downloadTask, fileOffset)
    }

    func urlSessionDidFinishEvents(forBackgroundURLSession session: Session) {
        tellMain()
    }
}
