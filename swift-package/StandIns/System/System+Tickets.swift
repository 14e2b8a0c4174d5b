import Foundation

extension System {
    /// Lends run time to the app. Nil where no app runs. Any thread.
    public func openTicket(_ kind: Ticket.Kind, limit: Duration, rule: Ticket.Rule? = nil) -> Ticket? {
        state.withLock { state in
            guard let process = state.process else { return nil }
            let ticket = Ticket(kind, limit: limit, rule: rule, of: process, on: self)
            state.tickets.append(ticket)
            if state.appState == .background { startClock(of: ticket, &state) }
            return ticket
        }
    }

    /// Ends the app's life, for a reason that a framework knows of. Any thread.
    public func kill(_ reason: Death.Reason) {
        state.withLock { $0.kill(reason) }
        wakeWaiters()
    }

    func complete(_ ticket: Ticket) {
        let isMainThread = System.isMainThread
        state.withLock { complete(ticket, isMainThread: isMainThread, &$0) }
        wakeWaiters()
    }

    private func complete(_ ticket: Ticket, isMainThread: Bool, _ state: inout State) {
        guard state.process === ticket.process else { return blame(ticket, &state) }
        if case .completesOnMainThread(let call) = ticket.rule, !isMainThread {
            return state.kill(.notOnMainThread(call))
        }
        switch ticket.state.withLock({ $0 }) {
        case .open: close(ticket, as: .completed, &state)
        case .completed: state.kill(.completedTwice(ticket.kind))
        case .ended: state.kill(.completedLate(ticket.kind))
        case .fatal: break
        }
    }

    /// The completion of a ticket that has already cost the app its life: it was late, not missing.
    private func blame(_ ticket: Ticket, _ state: inout State) {
        guard case .fatal(let death) = ticket.state.withLock({ $0 }) else { return }
        state.deaths[death].reason = .completedLate(ticket.kind)
    }

    func close(_ ticket: Ticket, as closed: Ticket.State, _ state: inout State) {
        ticket.state.withLock { $0 = closed }
        state.tickets.removeAll { $0 === ticket }
        if state.appState == .background { scheduleSuspension(after: .zero, &state) }
    }

    func startClocks(_ state: inout State) {
        for ticket in state.tickets { startClock(of: ticket, &state) }
    }

    private func startClock(of ticket: Ticket, _ state: inout State) {
        let stay = state.stayInBackground
        let warning = max(.zero, ticket.limit - state.limits.warning)
        state.schedule(after: warning, in: ticket.process) { self.warn(ticket, ofStay: stay) }
        state.schedule(after: ticket.limit, in: ticket.process) { self.meetLimit(ticket, ofStay: stay) }
    }

    @MainActor private func warn(_ ticket: Ticket, ofStay stay: Int) {
        guard isStillRunning(ticket, ofStay: stay) else { return }
        if let handler = ticket.takeExpirationHandler() {
            // What the handler sets going gets its own time.
            state.withLock { _ = $0.givenUp.remove(ObjectIdentifier(ticket)) }
            handler()
        } else if case .endsItselfWithoutHandler = ticket.rule {
            state.withLock { close(ticket, as: .ended, &$0) }
            wakeWaiters()
        }
    }

    @MainActor private func meetLimit(_ ticket: Ticket, ofStay stay: Int) {
        guard isStillRunning(ticket, ofStay: stay) else { return }
        state.withLock { state in
            let death = state.deaths.count
            ticket.state.withLock { $0 = .fatal(death: death) }
            state.kill(.neverCompleted(ticket.kind))
        }
        wakeWaiters()
    }

    private func isStillRunning(_ ticket: Ticket, ofStay stay: Int) -> Bool {
        ticket.isOpen && state.withLock { $0.stayInBackground == stay }
    }
}
