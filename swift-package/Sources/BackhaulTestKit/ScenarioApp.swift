import Foundation

/// The app of a scenario: what the steps say that the app does, it does as any app of this package would.
final class ScenarioApp: Core.ScenarioHost {
    private let launched = Held<BackgroundSessions>()
    /// At each launch its own: it knows what the library's sessions were made of.
    private let factory = Held<SessionFactoryAdapter>()
    private let delegate = EndCounter()

    func makeSession(session setup: Core.ScenarioSession) throws -> Core.SessionParts {
        let delegate = delegate
        let factory = SessionFactoryAdapter(place: .simulated) { _ in
            SessionLaunch(configuration: try configuration(for: setup), delegate: delegate)
        }
        self.factory.value = factory
        guard let parts = try factory.makeSession(identifier: setup.identifier) else {
            throw Core.CallbackError.Failed(reason: "there is no session \(setup.identifier)")
        }
        return parts
    }

    func launched(sessions core: Core.BackgroundSessions) {
        guard let factory = factory.value else { return }
        launched.value = BackgroundSessions(core, place: .simulated, factory: factory)
    }

    func enqueue(tasks: [Core.ScenarioTask]) throws -> [Int64] {
        try reporting {
            var plan = Plan()
            var steps: [Plan.Step] = []
            for task in tasks {
                steps.append(plan.add(try request(for: task), after: task.afterPlaces.map { steps[Int($0)] }))
            }
            return try session().enqueue(plan).map(\.taskIdentifier)
        }
    }

    func makeTask(task: Core.ScenarioTask) throws -> Int64 {
        try reporting { try session().downloadTask(with: request(for: task)).taskIdentifier }
    }

    func resume(task: Int64) throws {
        try reporting { try session().task(withIdentifier: task).resume() }
    }

    func suspend(task: Int64) throws {
        try reporting { try session().task(withIdentifier: task).suspend() }
    }

    func cancel(task: Int64) throws {
        try reporting { try session().task(withIdentifier: task).cancel() }
    }

    func told(task: Int64) -> UInt64 {
        delegate.count(of: task)
    }

    private func session() throws -> Session {
        guard let session = launched.value?.sessions.first else {
            throw BackhaulError(.system, "the app has no session")
        }
        return session
    }
}

private func configuration(
    for setup: Core.ScenarioSession
) throws(BackhaulError) -> SessionConfiguration<Background> {
    var configuration =
        try setup.isWatch
        ? SessionConfiguration.watch(withIdentifier: setup.identifier)
        : SessionConfiguration.background(withIdentifier: setup.identifier)
    if let isDiscretionary = setup.isDiscretionary { configuration.isDiscretionary = isDiscretionary }
    if let timeout = setup.timeoutForRequest { configuration.timeoutIntervalForRequest = Duration(interval: timeout) }
    if let timeout = setup.timeoutForResource { configuration.timeoutIntervalForResource = Duration(interval: timeout) }
    configuration.allowsCellularAccess = setup.allowsCellular
    configuration.allowsExpensiveNetworkAccess = setup.allowsExpensive
    configuration.allowsConstrainedNetworkAccess = setup.allowsConstrained
    configuration.sessionSendsLaunchEvents = setup.sendsLaunchEvents
    if let limit = setup.maxConcurrentTransfers { configuration.maximumConcurrentTransfers = Int(limit) }
    if let limit = setup.maxConnectionsPerHost { configuration.httpMaximumConnectionsPerHost = Int(limit) }
    if setup.requeuesAfterForceQuit { configuration.forceQuitPolicy = .requeue }
    return configuration
}

private func request(for task: Core.ScenarioTask) throws(BackhaulError) -> Request {
    guard let url = URL(string: task.url) else {
        throw BackhaulError(.invalidURL, "Foundation cannot read the URL \(task.url)")
    }
    var request = Request(url: url)
    request.destination = .container(task.name)
    request.callerID = task.name
    request.priority = task.priority
    request.earliestBeginDate = task.earliestBeginDate
    request.allowsCellularAccess = task.allowsCellular
    request.allowsExpensiveNetworkAccess = task.allowsExpensive
    request.allowsConstrainedNetworkAccess = task.allowsConstrained
    request.isDiscretionary = task.isDiscretionary
    request.countOfBytesClientExpectsToReceive = task.expectedBytes.map { Int64(clamping: $0) }
    request.expectedDigest = task.expectedDigest.map { digest in
        switch digest.algorithm {
        case .sha256: .sha256(digest.hex)
        case .sha512: .sha512(digest.hex)
        }
    }
    request.group = task.group
    request.after = task.after
    return request
}

/// Counts how often each task's end was told.
private final class EndCounter: SessionDownloadDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var counts: [Int64: UInt64] = [:]

    func count(of task: Int64) -> UInt64 {
        lock.withLock { counts[task, default: 0] }
    }

    func urlSession(_ session: Session, downloadTask: DownloadTask, didFinishDownloadingTo location: URL) {}

    func urlSession(_ session: Session, task: DownloadTask, didCompleteWithError error: BackhaulError?) {
        lock.withLock { counts[task.taskIdentifier, default: 0] += 1 }
    }
}
