import Foundation
import StandInSystem
import Synchronization

/// Counts the notifications of a name while it lives.
final class Notifications: Sendable {
    struct Seen: Equatable {
        var count = 0
        var onMainThread = 0
    }

    private let state = Mutex(Seen())
    private let token = Mutex<Token?>(nil)

    init(of name: Notification.Name) {
        let observer = NotificationCenter.default.addObserver(forName: name, object: nil, queue: nil) { [weak self] _ in
            let isMainThread = System.isMainThread
            self?.state.withLock { seen in
                seen.count += 1
                if isMainThread { seen.onMainThread += 1 }
            }
        }
        token.withLock { $0 = Token(observer: observer) }
    }

    deinit {
        if let token = token.withLock({ $0 }) { NotificationCenter.default.removeObserver(token.observer) }
    }

    var count: Int { state.withLock { $0.count } }
    var onMainThread: Int { state.withLock { $0.onMainThread } }

    private struct Token: @unchecked Sendable { let observer: any NSObjectProtocol }
}

/// Waits, for ten seconds at most, until it is so.
@MainActor func eventually(_ isSo: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while !isSo() && ContinuousClock.now < end { await Task.yield() }
    return isSo()
}
