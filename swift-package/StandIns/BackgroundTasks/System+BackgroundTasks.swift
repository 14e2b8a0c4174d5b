import Foundation
import StandInSystem

@MainActor extension System {
    /// The identifiers of the app's Info.plist, under `BGTaskSchedulerPermittedIdentifiers`.
    public func permitTasks(_ identifiers: Set<String>) {
        BGTaskScheduler.shared.permitted.withLock { $0 = identifiers }
    }

    /// The system finds that it is time for this request, as a debugger can make it find. False if there is none, if
    /// it is too early, or if it lacks network or power. The app is launched in the background if need be, and its
    /// launch handler is called on its queue.
    @discardableResult
    public func launchTask(withIdentifier identifier: String) -> Bool {
        let scheduler = BGTaskScheduler.shared
        guard let request = scheduler.takePending(identifier, if: { $0.mayRun(at: now, in: conditions) }) else {
            return false
        }
        return wake { run(request, of: scheduler) }
    }

    /// Whether the task's last run was a success, in the app's words; nil before it was completed.
    public func outcome(ofTask identifier: String) -> Bool? {
        BGTaskScheduler.shared.outcomes.withLock { $0[identifier] }
    }

    private func run(_ request: Pending, of scheduler: BGTaskScheduler) {
        guard let registration = scheduler.registrations?[request.identifier] else {
            return kill(.exception("No launch handler registered for task with identifier \(request.identifier)"))
        }
        let kind: Ticket.Kind =
            request.isProcessing ? .processing(request.identifier) : .appRefresh(request.identifier)
        let limit = request.isProcessing ? limits.processing : limits.phoneWake
        guard let ticket = openTicket(kind, limit: limit, rule: .endsItselfWithoutHandler) else { return }
        registration.start(request, ticket: ticket)
    }
}

extension BGTaskScheduler.Registration {
    func start(_ request: Pending, ticket: Ticket) {
        let launch = Launch(call: launch)
        queue.async { [queue] in
            let task =
                request.isProcessing
                ? BGProcessingTask(request.identifier, ticket: ticket, queue: queue)
                : BGAppRefreshTask(request.identifier, ticket: ticket, queue: queue)
            launch.call(task)
        }
    }

    private struct Launch: @unchecked Sendable {
        let call: (BGTask) -> Void
    }
}
