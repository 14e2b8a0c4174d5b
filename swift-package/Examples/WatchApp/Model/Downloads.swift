import Backhaul
import Foundation
import WatchAppContent

/// The app's one background session: what it is made of, and what it downloads.
///
/// It holds nothing that must outlive the process: what is under way is in the session's store, what came is in the
/// ``PostcardStore``. So it makes no difference which process asked for a file and which one is told of it.
final class Downloads: Sendable {
    static let sessionIdentifier = "postcards"

    let environment: AppEnvironment
    let store: PostcardStore

    init(_ environment: AppEnvironment) {
        self.environment = environment
        store = PostcardStore(directory: environment.content)
    }

    /// The parts of the session: the same at every launch.
    func launch() throws -> SessionLaunch {
        var configuration = try SessionConfiguration.watch(withIdentifier: Downloads.sessionIdentifier)
        configuration.baseDirectories = [Download.base: environment.content]
        // Whoever pulls the list down wants it now. What is asked for in advance is discretionary (rule P4), and
        // after half of these four hours it no longer insists on the charger.
        configuration.isDiscretionary = false
        configuration.timeoutIntervalForResource = .seconds(4 * 60 * 60)
        environment.configure(&configuration)
        return SessionLaunch(configuration: configuration, delegate: self)
    }

    /// What pulling the list down does: the feed, and then the picture of the day. It is safe on disk when this
    /// returns, whatever becomes of the app. What came this very moment, and is still being told, is new enough. Not on
    /// the main actor, which must not wait for a disk.
    func refresh(in session: Session) async throws {
        try forgetEnded(in: session) { _ in true }
        try session.enqueue(.refresh(from: environment.server))
    }

    /// Asks for the feed after the one that is here, unless that was done: so the widget is fed while nobody looks.
    func askForNextFeed(in session: Session) throws {
        guard try store.feed() != nil else { return }
        var request = try Download.nextFeed.request(from: environment.server)
        request.isDiscretionary = true
        request.earliestBeginDate = Date() + environment.refreshInterval / .seconds(1)
        try session.enqueue([request])
    }

    /// Asks for the pictures that are neither here nor on their way.
    func askForPictures(of feed: Feed, in session: Session) throws {
        let missing = feed.postcards.filter { store.picture(of: $0) == nil }.map(Download.picture)
        guard !missing.isEmpty else { return }
        let callerIDs = Set(missing.map(\.callerID))
        try forgetEnded(in: session) { $0.callerID.map(callerIDs.contains) ?? false }
        try session.enqueue(missing.map { try $0.request(from: environment.server) })
    }

    /// Lets go of tasks that have ended, so that the same downloads can be asked for again. Those whose end is still to
    /// be told stay.
    func forgetEnded(in session: Session, where isOld: (TaskInfo) -> Bool) throws {
        for task in try session.tasks() where task.state == .completed && isOld(task) {
            do throws(BackhaulError) {
                try session.forget([task.id])
            } catch {
                guard error.kind == .invalidRequest else { throw error }
            }
        }
    }
}
