#if canImport(os)
    import Foundation
    import os

    extension Log {
        /// Sends the library's log to the unified log, which Console and `log stream` show (rule E4). The part of the
        /// library that speaks is the category.
        ///
        /// - Throws: ``BackhaulError/Kind/system`` when the process has another logger of Rust's already.
        public static func useSystemLog(
            subsystem: String = Bundle.main.bundleIdentifier ?? "backhaul", level: Level = .info
        ) throws(BackhaulError) {
            let write: @Sendable (Record) -> Void = { record in
                // Nothing in a record is private: the library leaves out what is.
                Logger(subsystem: subsystem, category: record.target)
                    .log(level: record.level.systemLevel, "\(record.text, privacy: .public)")
            }
            try setSink(write, level: level)
        }
    }

    extension Log.Level {
        fileprivate var systemLevel: OSLogType {
            switch self {
            case .error: .error
            case .warning: .default
            case .info: .info
            case .debug, .trace: .debug
            }
        }
    }
#endif
