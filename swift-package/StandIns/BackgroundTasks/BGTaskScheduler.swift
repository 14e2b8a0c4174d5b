import Foundation
import StandInSystem
import Synchronization

/// Takes requests for background run time. Any thread.
open class BGTaskScheduler: NSObject, @unchecked Sendable {
    open class var shared: BGTaskScheduler { System.shared.slot { BGTaskScheduler(of: System.shared) } }

    struct Registration {
        let queue: DispatchQueue
        let launch: (BGTask) -> Void
    }

    private let system: System
    /// What the system keeps, whatever becomes of the app.
    private let pending = Mutex<[String: Pending]>([:])
    let permitted = Mutex<Set<String>>([])
    /// Whether the last run of each task was a success, as the app said.
    let outcomes = Mutex<[String: Bool]>([:])

    private init(of system: System) {
        self.system = system
    }

    /// Before the app's launch is over, and once for each identifier, else the app dies. False if the identifier is
    /// not among the permitted ones of the app's Info.plist.
    @discardableResult
    open func register(
        forTaskWithIdentifier identifier: String, using queue: DispatchQueue?,
        launchHandler: @escaping (BGTask) -> Void
    ) -> Bool {
        guard permitted.withLock({ $0.contains(identifier) }) else { return false }
        guard !system.hasFinishedLaunching else {
            system.kill(.exception("All launch handlers must be registered before application finishes launching"))
            return false
        }
        // A queue of its own, as the system's default is one in the background.
        let queue = queue ?? DispatchQueue(label: "BGTaskScheduler.\(identifier)")
        let isFirst = registrations?.add(Registration(queue: queue, launch: launchHandler), for: identifier) ?? true
        if !isFirst {
            system.kill(.exception("Launch handler for task with identifier \(identifier) has already been registered"))
        }
        return isFirst
    }

    /// Keeps the request. A second one with its identifier takes its place.
    open func submit(_ taskRequest: BGTaskRequest) throws {
        guard system.conditions.isBackgroundRefreshAllowed else { throw Error(.unavailable) }
        let identifier = taskRequest.identifier
        guard permitted.withLock({ $0.contains(identifier) }) else { throw Error(.notPermitted) }
        let request = Pending(taskRequest)
        try pending.withLock { pending in
            let others = pending.filter { $0.key != identifier && $0.value.isProcessing == request.isProcessing }
            guard others.count < request.limit else { throw Error(.tooManyPendingTaskRequests) }
            pending[identifier] = request
        }
    }

    open func cancel(taskRequestWithIdentifier identifier: String) {
        _ = pending.withLock { $0.removeValue(forKey: identifier) }
    }

    open func cancelAllTaskRequests() {
        pending.withLock { $0 = [:] }
    }

    /// On an arbitrary thread, as the documentation has no word about one.
    open func getPendingTaskRequests(completionHandler: @escaping @Sendable ([BGTaskRequest]) -> Void) {
        let requests = pending.withLock { $0.values.sorted { $0.identifier < $1.identifier } }
        DispatchQueue.global().async { completionHandler(requests.map(\.request)) }
    }

    // MARK: - For the device

    func takePending(_ identifier: String, if mayRun: (Pending) -> Bool) -> Pending? {
        pending.withLock { pending in
            guard let request = pending[identifier], mayRun(request) else { return nil }
            return pending.removeValue(forKey: identifier)
        }
    }

    /// Those of the app's life of now.
    var registrations: Registrations? { system.process?.slot { Registrations() } }
}

/// The launch handlers that the app has registered in one life.
final class Registrations: Sendable {
    private let registrations = Mutex<[String: Entry]>([:])

    func add(_ registration: BGTaskScheduler.Registration, for identifier: String) -> Bool {
        let entry = Entry(registration: registration)
        return registrations.withLock { $0.updateValue(entry, forKey: identifier) == nil }
    }

    subscript(identifier: String) -> BGTaskScheduler.Registration? {
        registrations.withLock { $0[identifier] }?.registration
    }

    /// The platform calls the handler on its queue, whatever the compiler knows of it.
    private struct Entry: @unchecked Sendable {
        let registration: BGTaskScheduler.Registration
    }
}
