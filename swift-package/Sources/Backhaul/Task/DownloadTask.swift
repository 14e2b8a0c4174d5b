internal import BackhaulGenerated
import Foundation

/// A download. A handle: two with the same identifier in one session are the same task. It keeps its session alive.
///
/// ``resume()``, ``suspend()`` and ``cancel()`` may be called any number of times, in any order, on any thread; each
/// returns when the change is durable. For a running transfer that is when it has stopped.
public final class DownloadTask: Sendable, Identifiable {
    /// Its number, unique in the container.
    public let taskIdentifier: Int64
    /// The session that it belongs to.
    public let session: Session
    /// Where it stood when the delegate was called that this handle was passed to; nil for others. ``info`` says where
    /// it stands now.
    public let snapshot: TaskInfo?
    /// Looked up when it is first needed.
    private let handle: Guarded<BackhaulGenerated.DownloadTask?>

    public var id: Int64 { taskIdentifier }

    init(_ core: BackhaulGenerated.DownloadTask, session: Session) {
        taskIdentifier = core.id()
        self.session = session
        snapshot = nil
        handle = Guarded(core)
    }

    init(snapshot: TaskInfo, session: Session) {
        taskIdentifier = snapshot.id
        self.session = session
        self.snapshot = snapshot
        handle = Guarded(nil)
    }

    private func core() throws -> BackhaulGenerated.DownloadTask {
        if let known = handle.withLock({ $0 }) { return known }
        let found = try session.core.task(id: taskIdentifier)
        handle.withLock { $0 = found }
        return found
    }

    /// Starts it, or lets it go on (rule S4). One that waits for space, or pauses after a failed attempt, is tried at
    /// once. Does nothing if it runs or has ended.
    ///
    /// - Throws: ``BackhaulError/Kind/sessionInvalidated``, ``BackhaulError/Kind/unknownTask``,
    ///   ``BackhaulError/Kind/store``.
    public func resume() throws(BackhaulError) {
        try bridged { try core().resume() }
    }

    /// Pauses it; its bytes stay. Suspending twice needs one ``resume()`` only.
    ///
    /// - Throws: As ``resume()``.
    public func suspend() throws(BackhaulError) {
        try bridged { try core().suspend() }
    }

    /// Ends it with ``BackhaulError/Kind/cancelled``; its part file is removed (rule L4).
    ///
    /// - Throws: As ``resume()``.
    public func cancel() throws(BackhaulError) {
        try bridged { try core().cancel() }
    }

    /// Ends it like ``cancel()``, and gives back what another task can go on from, with
    /// ``Session/downloadTask(withResumeData:)`` (rule L4). Nil if the server offers nothing that a transfer could be
    /// resumed by, or nothing was received. Otherwise the bytes are kept for seven days.
    ///
    /// - Throws: As ``resume()``; ``BackhaulError/Kind/invalidDestination`` when this launch does not name its base
    ///   directory, ``BackhaulError/Kind/file``.
    public func cancelByProducingResumeData() async throws(BackhaulError) -> ResumeData? {
        try await bridged { try await self.core().cancelByProducingResumeDataAsync() }
            .map(ResumeData.init(rawValue:))
    }

    /// Where it stands now.
    public var info: TaskInfo {
        get throws(BackhaulError) { try TaskInfo(bridged { try core().info() }) }
    }

    /// Where it stands, why, since when, and what would change that (rule E1).
    ///
    /// - Throws: ``BackhaulError/Kind/unknownTask`` once it was forgotten,
    ///   ``BackhaulError/Kind/sessionInvalidated`` once the session has ended, ``BackhaulError/Kind/store``.
    public func explain() throws(BackhaulError) -> Explanation {
        try Explanation(bridged { try core().explain() })
    }

    /// Where it stands, why, since when, and what would change that (rule E1), without blocking the caller.
    public func explain() async throws(BackhaulError) -> Explanation {
        try await explained()
    }

    func explained() async throws(BackhaulError) -> Explanation {
        try await Explanation(bridged { try await self.core().explainAsync() })
    }

    /// The finished file, also after the delegate was told of it; nil while the task has not ended (rule D4).
    ///
    /// - Throws: Why the task ended without a file; ``BackhaulError/Kind/invalidDestination`` when this launch does not
    ///   name its base directory, ``BackhaulError/Kind/unknownTask`` once it was forgotten,
    ///   ``BackhaulError/Kind/store``.
    public func file() async throws(BackhaulError) -> DownloadedFile? {
        try await bridged { try await self.core().fileAsync() }.map(DownloadedFile.init)
    }

    /// Replaces its free text (rule L3).
    ///
    /// - Throws: ``BackhaulError/Kind/unknownTask``, ``BackhaulError/Kind/store``.
    public func setMetadata(_ text: String) throws(BackhaulError) {
        try bridged { try core().setMetadata(text: text) }
    }

    /// Replaces its free text by a value as JSON (rule L3).
    ///
    /// - Throws: What its encoding throws, and as above.
    public func setMetadata(encoding value: some Encodable) throws {
        try setMetadata(json(value))
    }

    /// Decodes its free text as it is now; nil without any.
    ///
    /// - Throws: `DecodingError` when it is something else; as ``info``.
    public func metadata<Value: Decodable>(as type: Value.Type) throws -> Value? {
        try info.metadata(as: type)
    }
}

extension DownloadTask: Hashable {
    public static func == (one: DownloadTask, other: DownloadTask) -> Bool {
        one.taskIdentifier == other.taskIdentifier && one.session === other.session
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(taskIdentifier)
        hasher.combine(ObjectIdentifier(session))
    }
}
