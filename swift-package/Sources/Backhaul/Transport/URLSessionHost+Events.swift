internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Between two reports of a transfer's bytes.
private let quietTime = DispatchTimeInterval.milliseconds(50)

// What the system tells. On the queue.
extension URLSessionHost {
    /// The transfer of a task, also of one that an earlier process started and nobody has listed yet.
    private func transfer(of task: any TransferTask) -> ActiveTransfer? {
        if let known = active[task] { return known }
        guard let id = task.taskDescription.flatMap({ transferIdOf(text: $0) }) else { return nil }
        let transfer = ActiveTransfer(id, task, order: nil)
        active.insert(transfer)
        return transfer
    }

    /// A resumed download goes on from here.
    func download(_ task: any TransferTask, didResumeAt offset: Int64, expectedTotal: Int64) {
        guard let transfer = transfer(of: task) else { return }
        transfer.offset = UInt64(clamping: offset)
        transfer.total = expectedTotal > 0 ? UInt64(expectedTotal) : nil
        recognizeBody(of: transfer)
    }

    func download(_ task: any TransferTask, didWrite bytes: Int64, total: Int64, expectedTotal: Int64) {
        guard let transfer = transfer(of: task) else { return }
        transfer.add(bytes, totalWritten: total, totalExpected: expectedTotal)
        recognizeBody(of: transfer)
        transfer.hasUntoldBytes = true
        tellBytes(of: transfer)
    }

    /// Sees once what the body is, and tells that an answer began whose body is the file: there is no call for that in
    /// a download. Never after its bytes (rule L1).
    private func recognizeBody(of transfer: ActiveTransfer) {
        guard case .unknown = transfer.body, let response = transfer.task.response as? HTTPURLResponse else { return }
        transfer.body = response.isSuccess || settings.statusPolicy == .any ? .file : .refusal
        guard case .file = transfer.body, !transfer.hasToldBytes else { return }
        let offset = transfer.offset ?? 0
        if offset == 0, transfer.resumedFrom > 0 {
            // Resume data, and a whole answer: the object has changed, or the server knows no ranges.
            events?.restarted(id: transfer.id, reason: .rangeIgnored, discarded: transfer.resumedFrom)
        }
        events?.responded(
            id: transfer.id, response: response.head(httpVersion: ""), offset: offset, total: transfer.total)
    }

    private func tellBytes(of transfer: ActiveTransfer) {
        guard transfer.hasUntoldBytes, !transfer.isQuiet, active[transfer.id] === transfer else { return }
        transfer.hasUntoldBytes = false
        if case .refusal = transfer.body { return }
        transfer.hasToldBytes = true
        events?.progressed(
            id: transfer.id, received: transfer.here, total: transfer.total, networkBytes: transfer.networkBytes)
        transfer.isQuiet = true
        queue.asyncAfter(deadline: .now() + quietTime) {
            transfer.isQuiet = false
            self.tellBytes(of: transfer)
        }
    }

    /// The body is here, in a file that is gone when this returns.
    func download(_ task: any TransferTask, didFinishTo file: URL) {
        guard let transfer = transfer(of: task) else { return }
        recognizeBody(of: transfer)
        do {
            transfer.received = try take(file, of: transfer)
        } catch {
            Log.write(.error, "transfer \(transferIdText(id: transfer.id)): what was received is lost: \(error)")
            transfer.received = .lost(error)
        }
    }

    private func take(_ file: URL, of transfer: ActiveTransfer) throws -> ActiveTransfer.Received {
        guard let response = transfer.task.response as? HTTPURLResponse else {
            throw TransferFailure(.invalidResponse, "the system received something without an answer of HTTP")
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        let length = (attributes[.size] as? NSNumber)?.uint64Value ?? 0
        guard response.isSuccess || settings.statusPolicy == .any else {
            return .passing(try staging.take(file, for: transfer.id), length: length)
        }
        let record = StagedTransfer(
            requestURL: transfer.order?.url ?? transfer.task.originalRequest?.url?.absoluteString ?? "",
            length: length,
            response: response.head(httpVersion: ""),
            metrics: transfer.metrics
        )
        try staging.keep(file, for: transfer.id, as: record)
        return .kept(record)
    }

    func download(_ task: any TransferTask, didCollect metrics: CollectedMetrics) {
        transfer(of: task)?.collected = metrics
    }

    func download(_ task: any TransferTask, didCompleteWith error: (any Error)?) {
        guard let transfer = transfer(of: task) else { return }
        (transfer.isOver, transfer.error) = (true, error)
        if let data = (error as NSError?)?.downloadResumeData { keep(data, of: transfer) }
        conclude(transfer)
    }

    /// For the next start of the task.
    func keep(_ data: Data, of transfer: ActiveTransfer) {
        let response = transfer.task.response as? HTTPURLResponse
        transfer.resumableBytes = transfer.here
        resumeData.save(
            .init(
                url: transfer.order?.url ?? transfer.task.originalRequest?.url?.absoluteString ?? "",
                received: transfer.here,
                isStrong: response?.hasStrongValidator ?? false,
                data: data
            ),
            forTask: transfer.id.task
        )
    }

    /// Says how a transfer ended, once all that there is to say is here.
    func conclude(_ transfer: ActiveTransfer) {
        guard transfer.isOver, !transfer.awaitsResumeData else { return }
        active.remove(transfer)
        if let refusal = transfer.refusal { transfer.received = .lost(refusal) }
        switch (transfer.received, transfer.error) {
        case (.kept(let record), _):
            handOver(record.completed(by: transfer.metrics), kept: transfer.id, as: transfer.id)
        case (.passing(let file, let length), _):
            pass(transfer, file, length)
        case (.lost(let error), _):
            let failure = (error as? TransferFailure) ?? .receiving(error)
            fail(transfer, failure)
        case (nil, let error?):
            tell(TransferEnd(error), of: transfer)
        case (nil, nil):
            fail(transfer, .init(.connectionLost, "the system says that it is over, and gave no file"))
        }
        didEnd(transfer)
    }

    private func pass(_ transfer: ActiveTransfer, _ file: URL, _ length: UInt64) {
        guard let response = transfer.task.response as? HTTPURLResponse, let events else {
            return Durable.remove(file)
        }
        let metrics = transfer.metrics
        let head = response.head(httpVersion: metrics.httpVersion)
        events.finished(id: transfer.id, file: file.path, len: length, response: head, metrics: metrics)
    }

    private func tell(_ end: TransferEnd, of transfer: ActiveTransfer) {
        switch end {
        case .stopped:
            noteLost(transfer)
            events?.stopped(id: transfer.id, metrics: transfer.metrics, received: transfer.resumableBytes)
        case .failed(let failure):
            fail(transfer, failure)
        }
    }

    private func fail(_ transfer: ActiveTransfer, _ failure: TransferFailure) {
        noteLost(transfer)
        events?.failed(
            id: transfer.id,
            kind: failure.kind,
            reason: failure.reason,
            retryAfter: nil,
            metrics: transfer.metrics,
            received: transfer.resumableBytes
        )
    }

    /// What cannot be gone on from is counted when the task begins again (rule R7).
    private func noteLost(_ transfer: ActiveTransfer) {
        if case .refusal = transfer.body { return }
        guard transfer.resumableBytes == 0, transfer.here > 0 else { return }
        lostBytes[transfer.id.task, default: 0] += transfer.here
    }
}

extension TransferFailure {
    /// The received file could not be kept.
    fileprivate static func receiving(_ error: any Error) -> TransferFailure {
        if (error as NSError).isOutOfSpace {
            return .init(.noSpace, "no space for the file on its volume; free some and the transfer goes on")
        }
        return .init(.file, "the received file could not be kept in the container; check its folder's permissions")
    }
}
