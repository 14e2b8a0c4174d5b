import Foundation

/// What the system's transfer service has for one background `URLSession`.
struct BackgroundTransfers {
    var sendsLaunchEvents = true
    var outstanding = 0
    /// Something that the app was not told yet.
    var hasEvents = false
    var needsAuthentication = false

    /// A wake comes when all transfers of the session are finished, or for authentication.
    var deservesWake: Bool { hasEvents && sendsLaunchEvents && (outstanding == 0 || needsAuthentication) }
}

/// The transfer service, as far as the app is told of it. It moves no bytes: the test says what happened.
@MainActor extension System {
    /// The app has given the service a transfer.
    public func transferStarted(in session: String, sendsLaunchEvents: Bool = true) {
        transfers[session, default: .init()].outstanding += 1
        transfers[session]?.sendsLaunchEvents = sendsLaunchEvents
    }

    /// A transfer is over, well or not. The app is told at once where it runs, else by a wake when all are over.
    public func transferFinished(in session: String) {
        guard let outstanding = transfers[session]?.outstanding, outstanding > 0 else { return }
        transfers[session]?.outstanding = outstanding - 1
        noteEvent(in: session)
    }

    /// A transfer needs credentials. The app is told at once where it runs, else by a wake.
    public func transferNeedsAuthentication(in session: String) {
        transfers[session]?.needsAuthentication = true
        noteEvent(in: session)
    }

    private func noteEvent(in session: String) {
        guard [.suspended, .notRunning].contains(appState) else { return deliverTransfersToRunningApp() }
        transfers[session]?.hasEvents = true
        schedule(at: now) { self.considerWakes() }
    }

    /// An app that runs gets the events through its session: no wake.
    func deliverTransfersToRunningApp() {
        clearEvents(in: Array(transfers.keys))
    }

    func cancelTransfers() {
        for session in transfers.keys {
            guard let outstanding = transfers[session]?.outstanding, outstanding > 0 else { continue }
            transfers[session]?.outstanding = 0
            transfers[session]?.hasEvents = true
        }
    }

    private func clearEvents(in sessions: [String]) {
        for session in sessions {
            transfers[session]?.hasEvents = false
            transfers[session]?.needsAuthentication = false
        }
    }

    /// Wakes an app that does not run, if a session deserves it: at once on a phone, within its budget on a watch.
    func considerWakes() {
        guard app?.isBarredFromWakes == false, [.suspended, .notRunning].contains(appState) else { return }
        let sessions = transfers.filter(\.value.deservesWake).keys.sorted()
        guard !sessions.isEmpty else { return }
        if device == .watch {
            guard spendWatchWake() else {
                return schedule(at: nextWatchWake) { self.considerWakes() }
            }
        }
        clearEvents(in: sessions)
        wake { tell { $0.handleEvents(forBackgroundSessions: sessions) } }
    }

    // MARK: - The watch's budget

    /// When the watch may wake the app next: so many times in any hour, and so long after the last time. One budget
    /// for transfers and refreshes, which is the stricter reading of the documentation.
    public var nextWatchWake: Date {
        let limits = limits
        var next = watchWakes.last.map { $0 + limits.betweenWatchWakes.timeInterval } ?? now
        if watchWakes.count >= limits.watchWakesPerHour {
            next = max(next, watchWakes[watchWakes.count - limits.watchWakesPerHour] + 3600)
        }
        return max(next, now)
    }

    /// Takes a wake from the watch's budget, if one is left now.
    public func spendWatchWake() -> Bool {
        guard nextWatchWake <= now else { return false }
        watchWakes.append(now)
        return true
    }
}
