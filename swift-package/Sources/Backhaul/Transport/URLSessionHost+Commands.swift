internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// How long an answer is held back at most: nothing starts before it.
private let listPatience = DispatchTimeInterval.seconds(5)

// What the core asks for. On the queue.
extension URLSessionHost {
    func start(_ order: BackhaulGenerated.Transfer) {
        guard active[order.id] == nil else { return }
        if let (kept, record) = staging.kept(forTask: order.id.task) {
            let isNews = !handedOver.contains(order.id.task) && record.requestURL == order.url
            // An earlier process received it, and died before its end was on record. What was handed over and is asked
            // for again was refused.
            if isNews { return handOver(record, kept: kept, as: order.id) }
            staging.remove(task: order.id.task)
        }
        withURLSession { session in
            self.start(order, in: session)
        }
    }

    private func start(_ order: BackhaulGenerated.Transfer, in session: any TransferURLSession) {
        guard let request = URLRequest(order), let url = request.url else {
            return fail(order.id, .init(.invalidUrl, "Foundation cannot read the URL"))
        }
        let saved = usableResumeData(for: order)
        let task = saved.map { session.makeDownload(resumingFrom: $0.data) } ?? session.makeDownload(with: request)
        task.taskDescription = transferIdText(id: order.id)
        if let size = order.expectedSize { task.countOfBytesClientExpectsToReceive = Int64(clamping: size) }
        let transfer = ActiveTransfer(order.id, task, order: order)
        transfer.resumedFrom = saved?.received ?? 0
        transfer.trail = RedirectTrail(from: url, plainHTTPHosts: settings.plainHTTPHosts)
        active.insert(transfer)
        if let lost = lostBytes.removeValue(forKey: order.id.task), lost > 0 {
            events?.restarted(id: order.id, reason: .noValidator, discarded: lost)
        }
        task.resume()
    }

    /// The system goes on with whatever validator there is. Without a strong one it may only where a digest will judge
    /// the file, or the app said so (rule R5).
    private func usableResumeData(for order: BackhaulGenerated.Transfer) -> ResumeDataStore.Saved? {
        guard let saved = resumeData.take(forTask: order.id.task, url: order.url) else { return nil }
        if saved.isStrong || order.expectedDigest != nil || order.resumePolicy == .lenient { return saved }
        lostBytes[order.id.task, default: 0] += saved.received
        return nil
    }

    func stop(_ id: TransferId) {
        // Behind a start that waits for the system's session.
        withURLSession { _ in self.stopNow(id) }
    }

    private func stopNow(_ id: TransferId) {
        guard let transfer = active[id] else {
            // A stray of which only the file is left, or nothing.
            staging.remove(id)
            return answerStopped(id)
        }
        guard !transfer.isStopping, transfer.received == nil else { return }
        transfer.isStopping = true
        transfer.awaitsResumeData = true
        transfer.task.cancelKeepingData { data in
            self.queue.async { self.didStop(transfer, with: data) }
        }
    }

    private func didStop(_ transfer: ActiveTransfer, with data: Data?) {
        transfer.awaitsResumeData = false
        if let data { keep(data, of: transfer) }
        conclude(transfer)
    }

    func forget(_ task: Int64) {
        handedOver.remove(task)
        lostBytes[task] = nil
        staging.remove(task: task)
        resumeData.remove(task: task)
    }

    // MARK: - Reconciliation (rule W5)

    /// Says which transfers there are, whoever started them, and what arrived while nobody listened.
    func list() {
        withURLSession { session in
            self.lists.ask()
            session.allDownloads { tasks in
                self.queue.async { self.reconcile(with: tasks) }
            }
        }
    }

    private func reconcile(with tasks: [any TransferTask]) {
        var pending: Set<TransferId> = []
        for task in tasks where !lists.hasEnded(task) {
            guard let transfer = adopt(task) else { continue }
            switch task.state {
            case .completed: pending.insert(transfer.id)
            // The process died between making and starting it.
            case .suspended: task.resume()
            default: break
            }
        }
        for (id, record) in staging.kept where active[id] == nil && !handedOver.contains(id.task) {
            handOver(record, kept: id, as: id)
        }
        lists.told(pending)
        answerLists()
        if lists.areHeldBack {
            queue.asyncAfter(deadline: .now() + listPatience) {
                self.lists.giveUp()
                self.answerLists()
            }
        }
    }

    /// The transfer that a task of the system's is; one that is nobody's is cancelled.
    private func adopt(_ task: any TransferTask) -> ActiveTransfer? {
        if let known = active[task] { return known }
        guard let id = task.taskDescription.flatMap({ transferIdOf(text: $0) }), active[id] == nil else {
            Log.write(.warning, "the system holds a download that is none of ours, or twice: it is cancelled")
            task.cancel()
            return nil
        }
        let transfer = ActiveTransfer(id, task, order: nil)
        active.insert(transfer)
        return transfer
    }

    /// Answers what waits for nothing more: with what goes on now. What is over was told.
    func answerLists() {
        for _ in 0..<lists.takeReady() {
            events?.listed(transfers: active.ids)
        }
    }

    // MARK: - Answers

    /// Gives the core a file that is kept until its end is on record.
    func handOver(_ record: StagedTransfer, kept: TransferId, as id: TransferId) {
        guard let events else { return }
        handedOver.insert(id.task)
        let file = staging.handOut(kept, as: id)
        events.finished(
            id: id, file: file.path, len: record.length, response: record.response, metrics: record.metrics)
    }

    func fail(_ id: TransferId, _ failure: TransferFailure) {
        events?.failed(
            id: id, kind: failure.kind, reason: failure.reason, retryAfter: nil, metrics: .none, received: 0)
    }

    func answerStopped(_ id: TransferId) {
        events?.stopped(id: id, metrics: .none, received: 0)
    }
}

extension BackhaulGenerated.TaskMetrics {
    /// Of a transfer that never moved.
    static let none = BackhaulGenerated.TaskMetrics(
        firstByte: 0, duration: 0, received: 0, discarded: 0, attempts: 1, redirects: 0, httpVersion: "",
        remoteAddress: nil)
}
