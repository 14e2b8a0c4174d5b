import Backhaul
import Foundation
import WatchKit

/// The app's life in the background: one call at every launch, one at every wake.
@MainActor
public final class AppDelegate: NSObject, WKApplicationDelegate {
    /// What the screens show.
    public let model = PostcardsModel()

    private let makeEnvironment: () throws -> AppEnvironment
    private var sessions: BackgroundSessions?

    /// SwiftUI makes it.
    public override convenience init() {
        self.init(environment: AppEnvironment.live)
    }

    init(environment: @escaping () throws -> AppEnvironment) {
        makeEnvironment = environment
    }

    public func applicationDidFinishLaunching() {
        do {
            try launch(Downloads(makeEnvironment()))
        } catch {
            model.problem = error.localizedDescription
        }
    }

    /// The transfers that the system carried on report here, in the foreground and in the background.
    private func launch(_ downloads: Downloads) throws {
        let environment = downloads.environment
        let sessions = try BackgroundSessions.start(
            container: environment.container,
            wakeScheduler: environment.makeWakeScheduler(),
            monitor: environment.makeMonitor()
        ) { identifier in
            identifier == Downloads.sessionIdentifier ? try downloads.launch() : nil
        }
        self.sessions = sessions
        let session = try sessions.open(downloads.launch())
        model.attach(downloads, session)
        try downloads.askForNextFeed(in: session)
    }

    public func handle(_ backgroundTasks: Set<WKRefreshBackgroundTask>) {
        guard let sessions else {
            // The launch failed: nobody else gives them back.
            for task in backgroundTasks { task.setTaskCompletedWithSnapshot(false) }
            return
        }
        sessions.handle(backgroundTasks)
    }
}
