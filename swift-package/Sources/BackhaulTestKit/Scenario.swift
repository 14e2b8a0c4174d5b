import Foundation

/// One story of a phone, as data: what the app asks for, what happens to the device, the network and the servers, and
/// what is expected. The format is described in `docs/scenarios.md`; Rust, Swift and Kotlin play the same files.
///
/// ```swift
/// let outcome = try Scenario(contentsOf: file).play()
/// #expect(outcome.isRight, "\(outcome.report)")
/// ```
public struct Scenario: Sendable, Hashable {
    /// How a scenario went.
    public struct Outcome: Sendable, Hashable {
        /// The scenario's name.
        public let name: String
        /// Everything was as expected, and no promise was broken.
        public let isRight: Bool
        /// What went wrong, a line each, with its place; empty if all is right.
        public let report: String
        /// Everything that happened: one JSON object a line. The same scenario gives the same bytes.
        public let log: String
    }

    private let json: String

    /// A scenario as JSON.
    public init(_ json: String) {
        self.json = json
    }

    /// A scenario in a file.
    ///
    /// - Throws: `BackhaulError/Kind/file` when the file cannot be read, or is no text.
    public init(contentsOf url: URL) throws(BackhaulError) {
        do {
            json = try String(contentsOf: url, encoding: .utf8)
        } catch {
            let why = error.localizedDescription
            throw BackhaulError(.file, "the scenario \(url.lastPathComponent) cannot be read: \(why)")
        }
    }

    /// Plays it on a simulated phone, from the first step to the last, with an app that does through this package what the
    /// steps say that the app does. On this thread; days take milliseconds.
    ///
    /// - Throws: `BackhaulError/Kind/invalidRequest` with its place in the reason: a mistake in the scenario, or a step
    ///   that could not be done.
    public func play() throws(BackhaulError) -> Outcome {
        try play(with: ScenarioApp())
    }

    /// Plays it with the library's own app, in Rust: what any other must be like, to the byte.
    package func playReference() throws(BackhaulError) -> Outcome {
        try play(with: nil)
    }

    private func play(with host: ScenarioApp?) throws(BackhaulError) -> Outcome {
        let outcome = try bridged { try Core.play(scenario: json, host: host) }
        return Outcome(name: outcome.name, isRight: outcome.isRight, report: outcome.report, log: outcome.log)
    }
}
