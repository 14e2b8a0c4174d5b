import Synchronization
import WatchAppModel
import WatchKit

/// Why the app was woken.
enum Wake {
    case transfers
    case refresh
    case other

    init(_ task: WKRefreshBackgroundTask) {
        switch task {
        case is WKURLSessionRefreshBackgroundTask: self = .transfers
        case is WKApplicationRefreshBackgroundTask: self = .refresh
        default: self = .other
        }
    }
}

/// Stands between WatchKit and the app's delegate: it notes the wakes, and lets go of the app when its process ends.
@MainActor
final class Witness: NSObject, WKApplicationDelegate {
    private var app: AppDelegate?
    private let note: (Wake) -> Void

    init(_ app: AppDelegate, note: @escaping (Wake) -> Void) {
        self.app = app
        self.note = note
    }

    func end() {
        app = nil
    }

    func applicationDidFinishLaunching() {
        app?.applicationDidFinishLaunching()
    }

    func handle(_ backgroundTasks: Set<WKRefreshBackgroundTask>) {
        for task in backgroundTasks { note(Wake(task)) }
        app?.handle(backgroundTasks)
    }
}

/// Counts, from any thread.
final class Counter: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() {
        value.withLock { $0 += 1 }
    }
}
