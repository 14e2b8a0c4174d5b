import Foundation

/// The test's app in a process of its own: `backhaul-swift-host`.
public final class HostProcess: Sendable {
    /// What is known of the process.
    public struct State: Sendable {
        /// Whole lines of its output.
        public internal(set) var lines: [String] = []
        /// How it ended; nil while it runs.
        public internal(set) var exit: Exit?
        fileprivate var rest = ""
        fileprivate var isRead = false

        /// It has ended, and all that it said is in ``lines``.
        public var hasEnded: Bool { exit != nil && isRead }
    }

    /// How a process ends.
    public enum Exit: Sendable, Hashable {
        case status(Int32)
        case signal(Int32)
    }

    private let state = Watched(State())
    private let process = Process()

    /// Starts it. `stopsAt` is the word at which it waits to be killed.
    public init(container: URL, stopsAt: String = "none", urls: [URL]) throws {
        let program = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("backhaul-swift-host")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw TestFailure("\(program.path) is missing: swift build --build-tests builds it")
        }
        process.executableURL = program
        process.arguments = [container.path, stopsAt] + urls.map(\.absoluteString)
        process.terminationHandler = { [state] process in
            let status = process.terminationStatus
            let exit: Exit = process.terminationReason == .exit ? .status(status) : .signal(status)
            state.change { $0.exit = exit }
        }
        let (_, output) = try process.runWithPipes()
        Thread { [state] in
            while case let data = output.availableData, !data.isEmpty {
                state.change { $0.take(String(decoding: data, as: UTF8.self)) }
            }
            state.change { $0.isRead = true }
        }.start()
    }

    deinit {
        if process.isRunning { kill() }
    }

    public var lines: [String] { state.current.lines }

    /// Ends it at once, as the system would: it learns nothing of it.
    public func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
    }

    @discardableResult
    public func wait(until isSeen: @escaping @Sendable (State) -> Bool) async throws -> State {
        try await state.wait(for: "the host, which said \(self.lines)", until: isSeen)
    }

    /// How it ended, once it has.
    public func end() async throws -> Exit? {
        try await wait { $0.hasEnded }.exit
    }

    /// Waits for a line that begins so.
    public func wait(for line: String) async throws {
        try await wait { $0.lines.contains { $0.hasPrefix(line) } }
    }
}

extension HostProcess.State {
    mutating func take(_ text: String) {
        var parts = (rest + text).components(separatedBy: "\n")
        rest = parts.removeLast()
        lines += parts
    }
}
