internal import BackhaulGenerated
import Foundation

extension Session {
    /// Makes a download task, suspended (rule S3). It survives power loss when this returns (rule D1).
    ///
    /// - Throws: Before anything is written: ``BackhaulError/Kind/invalidURL``,
    ///   ``BackhaulError/Kind/unsupportedScheme``, ``BackhaulError/Kind/plainHTTPNotAllowed``,
    ///   ``BackhaulError/Kind/invalidDestination``, ``BackhaulError/Kind/destinationInUse``,
    ///   ``BackhaulError/Kind/invalidHeader``, ``BackhaulError/Kind/secretNotStorable``,
    ///   ``BackhaulError/Kind/invalidRequest``, ``BackhaulError/Kind/sessionInvalidated``. Then
    ///   ``BackhaulError/Kind/noSpace`` and ``BackhaulError/Kind/store``.
    public func downloadTask(with request: Request) throws(BackhaulError) -> DownloadTask {
        try task(bridged { try core.downloadTask(request: request.generated) })
    }

    /// Makes a download task, suspended (rule S3).
    ///
    /// - Throws: As `downloadTask(with:)` with a request.
    public func downloadTask(with url: URL) throws(BackhaulError) -> DownloadTask {
        try downloadTask(with: Request(url: url))
    }

    /// Makes a task that goes on from what another one had when it was cancelled (rule L4). Suspended.
    ///
    /// - Throws: ``BackhaulError/Kind/invalidResumeData`` when it is damaged, of another version, or of another
    ///   container; else as `downloadTask(with:)` with a request.
    public func downloadTask(withResumeData data: ResumeData) throws(BackhaulError) -> DownloadTask {
        try task(bridged { try core.downloadTaskWithResumeData(data: data.rawValue) })
    }

    /// Makes many tasks, suspended, in one commit: all of them, or none.
    ///
    /// - Throws: As `downloadTask(with:)` with a request.
    public func downloadTasks(with requests: [Request]) throws(BackhaulError) -> [DownloadTask] {
        try bridged { try core.downloadTasks(requests: requests.map(\.generated)) }.map(task)
    }

    /// Makes many tasks and resumes them, in one commit: all of them, or none.
    ///
    /// - Throws: As `downloadTask(with:)` with a request.
    @discardableResult
    public func enqueue(_ requests: [Request]) throws(BackhaulError) -> [DownloadTask] {
        try bridged { try core.enqueue(requests: requests.map(\.generated)) }.map(task)
    }

    /// Makes many tasks and resumes them, in one commit, without blocking the caller. Whoever stops waiting does not
    /// stop it.
    ///
    /// - Throws: As `downloadTask(with:)` with a request.
    @discardableResult
    public func enqueue(_ requests: [Request]) async throws(BackhaulError) -> [DownloadTask] {
        let core = core
        return try await bridged { try await core.enqueueAsync(requests: requests.map(\.generated)) }.map(task)
    }

    /// Makes the tasks of a plan and resumes them, in one commit (rule L6), in the order of its steps.
    ///
    /// - Throws: As `downloadTask(with:)` with a request.
    @discardableResult
    public func enqueue(_ plan: Plan) throws(BackhaulError) -> [DownloadTask] {
        try bridged { try core.enqueuePlan(steps: plan.generated) }.map(task)
    }

    /// The task with this identifier, completed ones included.
    ///
    /// - Throws: ``BackhaulError/Kind/unknownTask``, ``BackhaulError/Kind/store``.
    public func task(withIdentifier id: Int64) throws(BackhaulError) -> DownloadTask {
        try task(bridged { try core.task(id: id) })
    }

    /// The task that the app named so, if there is one (rule L5).
    ///
    /// - Throws: ``BackhaulError/Kind/store``.
    public func task(withCallerID callerID: String) throws(BackhaulError) -> DownloadTask? {
        try bridged { try core.taskWithCallerId(callerId: callerID) }.map(task)
    }

    /// A page of the session's tasks in the order of their identifiers, completed ones included; at most 1,000.
    ///
    /// - Throws: ``BackhaulError/Kind/store``.
    public func tasks(after id: Int64? = nil, limit: Int = 1000) throws(BackhaulError) -> [TaskInfo] {
        let limit = UInt32(clamping: limit)
        return try bridged { try core.tasksAfter(after: id, limit: limit) }.map(TaskInfo.init)
    }

    /// All of the session's tasks, completed ones included, read page by page without blocking the caller. With very many
    /// tasks ``tasks(after:limit:)`` needs less memory.
    public var allTasks: [TaskInfo] {
        get async throws(BackhaulError) {
            let core = core
            var all: [TaskInfo] = []
            while true {
                let last = all.last?.id
                let page = try await bridged { try await core.tasksAfterAsync(after: last, limit: 1000) }
                if page.isEmpty { return all }
                all += page.map(TaskInfo.init)
            }
        }
    }

    /// A page of the journal: the ends of tasks after `sequence`, delivered ones included (rule D4); at most 1,000.
    ///
    /// - Throws: ``BackhaulError/Kind/store``.
    public func journal(after sequence: Int64 = 0, limit: Int = 1000) throws(BackhaulError) -> [JournalEvent] {
        let limit = UInt32(clamping: limit)
        return try bridged { try core.eventsAfter(sequence: sequence, limit: limit) }.map(JournalEvent.init)
    }

    /// Removes completed tasks whose end was delivered. Their caller ids are free again; their files stay. Tasks that
    /// nobody forgets are removed seven days after their end.
    ///
    /// - Throws: ``BackhaulError/Kind/invalidRequest`` when one of them is not completed or not yet delivered,
    ///   ``BackhaulError/Kind/unknownTask``, ``BackhaulError/Kind/store``: then none is removed.
    public func forget(_ tasks: [Int64]) throws(BackhaulError) {
        try bridged { try core.forget(ids: tasks) }
    }

    /// Replaces the free text of some tasks (rule L3), in one commit.
    ///
    /// - Throws: ``BackhaulError/Kind/unknownTask``, ``BackhaulError/Kind/store``.
    public func setMetadata(_ text: String, for tasks: [Int64]) throws(BackhaulError) {
        try bridged { try core.setMetadata(ids: tasks, text: text) }
    }

    private func task(_ core: BackhaulGenerated.DownloadTask) -> DownloadTask {
        DownloadTask(core, session: self)
    }
}
