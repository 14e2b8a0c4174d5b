internal import BackhaulGenerated

extension DownloadTask {
    /// How fast and how far (rule E2).
    public struct Progress: Sendable, Hashable {
        /// Bytes that came since the last one.
        public let countOfBytesWritten: Int64
        /// Bytes of the file that are here.
        public let countOfBytesReceived: Int64
        /// The whole length, if known.
        public let countOfBytesExpectedToReceive: Int64?
        /// Bytes a second, over the last second or so.
        public let throughput: Int64

        /// From 0 to 1; nil while the length is not known.
        public var fractionCompleted: Double? {
            guard let total = countOfBytesExpectedToReceive else { return nil }
            return total == 0 ? 1 : Double(countOfBytesReceived) / Double(total)
        }
    }
}

extension DownloadTask.Progress {
    package init(written: Int64, received: Int64, total: Int64?, throughput: Int64) {
        countOfBytesWritten = written
        countOfBytesReceived = received
        countOfBytesExpectedToReceive = total
        self.throughput = throughput
    }

    init(_ progress: BackhaulGenerated.Progress) {
        self.init(
            written: Int64(count: progress.written),
            received: Int64(count: progress.received),
            total: progress.total.count,
            throughput: Int64(count: progress.throughput)
        )
    }

    /// Where a task stands before anything was told about it.
    init(snapshot task: TaskInfo) {
        self.init(
            written: 0,
            received: task.countOfBytesReceived,
            total: task.countOfBytesExpectedToReceive,
            throughput: 0
        )
    }

    func merged(with newer: Self) -> Self {
        Self(
            written: countOfBytesWritten + newer.countOfBytesWritten,
            received: newer.countOfBytesReceived,
            total: newer.countOfBytesExpectedToReceive,
            throughput: newer.throughput
        )
    }
}
