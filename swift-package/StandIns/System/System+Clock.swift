import Foundation

extension System {
    /// Moves the clock, and does what is due on the way.
    ///
    /// While the app holds a ticket in the background the clock stands still, for at most ``patience`` of real time a
    /// ticket: what an app does in milliseconds takes none of its thirty seconds.
    @MainActor public func advance(by duration: Duration) async {
        let end = now + duration.timeInterval
        await letAppWork()
        while let timer = state.withLock({ $0.takeTimer(dueBy: end) }) {
            timer.action()
            await letAppWork()
        }
    }

    /// Whether the app gave everything back that it held, before so much real time was over.
    @MainActor public func ticketsAreReturned(within patience: Duration = .seconds(10)) async -> Bool {
        await wait(atMost: patience) { $0.tickets.isEmpty }
    }

    /// Does this on the main thread when the clock is there.
    public func schedule(
        at date: Date, in process: AppProcess? = nil, _ action: @escaping @MainActor @Sendable () -> Void
    ) {
        state.withLock { $0.schedule(at: date, in: process, action) }
    }

    @MainActor private func letAppWork() async {
        // Work that the app has put on the main actor goes first.
        await Task.yield()
        let isDone = await wait(atMost: patience) { state in
            state.appState != .background
                || state.tickets.allSatisfy { state.givenUp.contains(ObjectIdentifier($0)) }
        }
        if !isDone {
            state.withLock { state in state.givenUp.formUnion(state.tickets.map(ObjectIdentifier.init)) }
        }
    }

    /// Waits until this is so; it can become so when a ticket is given back.
    @MainActor private func wait(atMost patience: Duration, until isSo: @Sendable (State) -> Bool) async -> Bool {
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            if state.withLock({ isSo($0) }) { return true }
            await nextReturn(before: end, unless: isSo)
        }
        return state.withLock { isSo($0) }
    }

    @MainActor private func nextReturn(
        before end: ContinuousClock.Instant, unless isSo: @Sendable (State) -> Bool
    ) async {
        await withCheckedContinuation { continuation in
            let id = UUID()
            let isWaiting = state.withLock { state in
                if isSo(state) { return false }
                state.waiters[id] = continuation
                return true
            }
            guard isWaiting else { return continuation.resume() }
            let seconds = max(0, (end - ContinuousClock.now).timeInterval)
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
                state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
            }
        }
    }

    func wakeWaiters() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }
}
