import Foundation
import StandInSystem
import Synchronization

/// The runs that the app has asked the watch for: at most one of a kind, kept whatever becomes of the app.
final class Refreshes: Sendable {
    enum Kind { case refresh, snapshot }

    private struct Request: @unchecked Sendable {
        let id = UUID()
        /// The app's own object; it hands it over with the request.
        let userInfo: (any NSSecureCoding & NSObjectProtocol)?
    }

    private let system: System
    private let requests = Mutex<[Kind: Request]>([:])

    init(on system: System) {
        self.system = system
    }

    func schedule(_ kind: Kind, at date: Date, userInfo: (any NSSecureCoding & NSObjectProtocol)?) {
        let request = Request(userInfo: userInfo)
        requests.withLock { $0[kind] = request }
        system.schedule(at: max(date, system.now)) { self.run(kind, request.id) }
    }

    /// A refresh whose date comes while the app is on the screen is ignored, as documented. A snapshot has a budget of
    /// its own, which the stand-in does not count; a frontmost app needs none.
    @MainActor private func run(_ kind: Kind, _ id: UUID) {
        guard requests.withLock({ $0[kind]?.id == id }) else { return }
        let isOnScreen = [.active, .inactive].contains(system.appState)
        if kind == .refresh && isOnScreen { return requests.withLock { $0[kind] = nil } }
        let isFree = kind == .snapshot || system.appState == .frontmost
        guard isFree || system.spendWatchWake() else {
            return system.schedule(at: system.nextWatchWake) { self.run(kind, id) }
        }
        guard let request = requests.withLock({ $0.removeValue(forKey: kind) }) else { return }
        system.wake { hand(kind, userInfo: request.userInfo) }
    }

    @MainActor private func hand(_ kind: Kind, userInfo: (any NSSecureCoding & NSObjectProtocol)?) {
        let ticketKind: Ticket.Kind = kind == .refresh ? .appRefresh("") : .snapshot
        guard let ticket = system.openTicket(ticketKind, limit: system.limits.watchWake) else { return }
        let task =
            kind == .refresh
            ? WKApplicationRefreshBackgroundTask(ticket, userInfo: userInfo)
            : WKSnapshotRefreshBackgroundTask(ticket, userInfo: userInfo)
        WKApplication.shared().delegate?.handle([task])
    }
}
