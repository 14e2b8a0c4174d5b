internal import BackhaulGenerated

/// The library's log (rule E4). Nothing in it holds a credential.
public enum Log {
    /// How much a record matters.
    public enum Level: Sendable, Hashable, CaseIterable {
        /// Something is wrong.
        case error
        /// Something may be.
        case warning
        /// What an operator wants to know.
        case info
        /// What a developer wants to know.
        case debug
        /// Everything.
        case trace
    }

    /// One line of the log.
    public struct Record: Sendable, Hashable {
        /// How much it matters.
        public let level: Level
        /// Which part of the library speaks.
        public let target: String
        /// What it says.
        public let text: String
    }

    /// Sends the library's log to `sink` from now on, records of `level` and above; nil sends it nowhere.
    ///
    /// The sink is called on a thread of its own, one record at a time, in order. A slow one delays nobody:
    /// what does not fit is counted, and the count is told.
    ///
    /// - Throws: ``BackhaulError/Kind/system`` when the process has another logger of Rust's already.
    public static func setSink(
        _ sink: (@Sendable (Record) -> Void)?,
        level: Level = .info
    ) throws(BackhaulError) {
        let bridge = sink.map(Sink.init)
        try bridged { try setLogSink(sink: bridge, level: level.generated) }
    }

    /// Writes a line of this layer's own. It must not hold a credential, nor a URL with its query.
    static func write(_ level: Level, _ text: String) {
        logLine(level: level.generated, text: text)
    }
}

/// The app's closure as the library's sink.
private final class Sink: BackhaulGenerated.LogSink {
    private let write: @Sendable (Log.Record) -> Void

    init(_ write: @escaping @Sendable (Log.Record) -> Void) {
        self.write = write
    }

    func log(record: BackhaulGenerated.LogRecord) {
        write(Log.Record(level: Log.Level(record.level), target: record.target, text: record.text))
    }
}

extension Log.Level {
    fileprivate init(_ level: BackhaulGenerated.LogLevel) {
        switch level {
        case .error: self = .error
        case .warn: self = .warning
        case .info: self = .info
        case .debug: self = .debug
        case .trace: self = .trace
        }
    }

    fileprivate var generated: BackhaulGenerated.LogLevel {
        switch self {
        case .error: .error
        case .warning: .warn
        case .info: .info
        case .debug: .debug
        case .trace: .trace
        }
    }
}
