internal import BackhaulGenerated
import Foundation

/// Owns one `URLSession`: at most one for each identifier and process, since the system would give back the old one.
///
/// A session of ours attaches to it and leaves; the system's session stays as long as it holds transfers, and what
/// arrives meanwhile is kept for the next one that attaches. The system's session holds its delegate, and that holds
/// this object, until it is invalidated.
///
/// All state is used on `queue`, which is also where the system calls the delegate.
final class URLSessionHost: @unchecked Sendable {
    typealias MakeURLSession = @Sendable (URLSessionHost) -> any TransferURLSession

    /// The life of the system's session.
    private enum Life {
        case none
        case live(any TransferURLSession)
        /// It must not be made again before it has said that it is invalid.
        case ending(any TransferURLSession)
    }

    /// Who hears of transfers.
    private struct Listener {
        let token: ObjectIdentifier
        let events: any TransferEventsProtocol
    }

    let queue = DispatchQueue(label: "backhaul.urlsession")
    let outlivesProcess: Bool
    /// Of who listens, or did last.
    private(set) var settings: SessionSettings
    let staging: StagingFolder
    let resumeData: ResumeDataStore

    private let makeURLSession: MakeURLSession
    /// Of a session that ends with the process: goes with it.
    private let temporaryFolder: URL?
    private var life = Life.none
    private var listener: Listener?
    /// Tasks that ended since nobody listens.
    private var endedUnheard: Set<Int> = []
    /// What waits for the system's session.
    private var waiting: [(any TransferURLSession) -> Void] = []

    var active = ActiveTransfers()
    /// Tasks whose received file the listener was given, and whose end is not on record.
    var handedOver: Set<Int64> = []
    /// Bytes of a stopped transfer that its task cannot go on from.
    var lostBytes: [Int64: UInt64] = [:]
    var lists = OpenLists()

    init(
        settings: SessionSettings,
        outlivesProcess: Bool,
        folder: URL,
        isTemporary: Bool,
        makeURLSession: @escaping MakeURLSession
    ) throws {
        self.settings = settings
        self.outlivesProcess = outlivesProcess
        self.makeURLSession = makeURLSession
        temporaryFolder = isTemporary ? folder : nil
        staging = try StagingFolder(folder.appendingPathComponent("received", isDirectory: true))
        resumeData = try ResumeDataStore(folder.appendingPathComponent("resume", isDirectory: true))
    }

    deinit {
        temporaryFolder.map(Durable.remove)
    }

    /// Where events go; nil while nobody listens.
    var events: (any TransferEventsProtocol)? { listener?.events }

    /// Runs what needs the system's session: at once, or as soon as there is one.
    func withURLSession(_ work: @escaping (any TransferURLSession) -> Void) {
        dispatchPrecondition(condition: .onQueue(queue))
        if case .live(let session) = life { work(session) } else { waiting.append(work) }
    }

    /// A session of ours listens from now on. From here on the system tells what it did meanwhile.
    func attach(_ token: ObjectIdentifier, _ events: any TransferEventsProtocol, with settings: SessionSettings) {
        dispatchPrecondition(condition: .onQueue(queue))
        listener = Listener(token: token, events: events)
        self.settings = settings
        // What the one before it was given and did not record is given to this one.
        handedOver.removeAll()
        staging.removeRemains()
        endedUnheard.removeAll()
        if case .none = life { open() }
    }

    /// It listens no more: it has ended, or has let go of its tasks.
    func detach(_ token: ObjectIdentifier) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard listener?.token == token else { return }
        listener = nil
        waiting.removeAll()
        lists = OpenLists()
        guard case .live(let session) = life else { return }
        if outlivesProcess {
            invalidateIfIdle()
        } else {
            life = .ending(session)
            session.invalidateAndCancel()
        }
    }

    /// Lets the system's session go when nobody listens and it has nothing to do.
    private func invalidateIfIdle() {
        guard case .live(let session) = life, listener == nil else { return }
        session.allDownloads { tasks in
            self.queue.async { self.invalidate(session, holding: tasks) }
        }
    }

    private func invalidate(_ session: any TransferURLSession, holding tasks: [any TransferTask]) {
        // The list may still name what has just ended.
        let isIdle = tasks.allSatisfy { endedUnheard.contains($0.taskIdentifier) }
        guard isIdle, listener == nil, case .live = life else { return }
        life = .ending(session)
        session.finishTasksAndInvalidate()
    }

    /// Nothing more will be told of a transfer.
    func didEnd(_ transfer: ActiveTransfer) {
        lists.didEnd(transfer)
        answerLists()
        if listener == nil {
            endedUnheard.insert(transfer.task.taskIdentifier)
            invalidateIfIdle()
        }
    }

    private func open() {
        let session = makeURLSession(self)
        life = .live(session)
        let waiting = waiting
        self.waiting.removeAll()
        for work in waiting { work(session) }
    }

    /// The system's session is gone.
    func didBecomeInvalid() {
        dispatchPrecondition(condition: .onQueue(queue))
        life = .none
        // Whose end the system has not told.
        for id in active.ids { answerStopped(id) }
        active = ActiveTransfers()
        if listener != nil { open() }
    }
}

/// Transfers by both their names.
struct ActiveTransfers {
    private var byTask: [Int: ActiveTransfer] = [:]
    private var byID: [TransferId: ActiveTransfer] = [:]

    subscript(task: any TransferTask) -> ActiveTransfer? { byTask[task.taskIdentifier] }
    subscript(id: TransferId) -> ActiveTransfer? { byID[id] }

    var ids: [TransferId] { Array(byID.keys) }

    mutating func insert(_ transfer: ActiveTransfer) {
        byTask[transfer.task.taskIdentifier] = transfer
        byID[transfer.id] = transfer
    }

    mutating func remove(_ transfer: ActiveTransfer) {
        byTask[transfer.task.taskIdentifier] = nil
        if byID[transfer.id] === transfer { byID[transfer.id] = nil }
    }
}
