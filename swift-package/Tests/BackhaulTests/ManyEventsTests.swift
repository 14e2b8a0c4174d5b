import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// A hundred thousand progress events from a transfer service (rules E2, P9).
@Suite("Many events cost little")
struct ManyEventsTests {
    @Test func aHundredThousandProgressEvents() async throws {
        // rule E2
        let fixture = try Fixture()
        let recorder = Recorder()
        var configuration = try fixture.background()
        configuration.transferService = .custom(FloodTransport(folder: fixture.container, size: 100_000))
        let session = try Session(configuration: configuration, delegate: recorder)
        // Two who do not read at all.
        let events = session.events
        let task = try session.downloadTask(with: fixture.request("a"))
        let progress = task.progress.makeAsyncIterator()

        let (before, began) = (try residentKilobytes(), ContinuousClock.now)
        try task.resume()
        _ = try await within(patience, "the file") { try await task.value }
        let (after, took) = (try residentKilobytes(), ContinuousClock.now - began)

        let told = recorder.events.compactMap { event -> DownloadTask.Progress? in
            guard case .progressed(_, let progress) = event else { return nil }
            return progress
        }
        #expect(Double(told.count) <= took / .milliseconds(100) + 2, "at most ten a second")
        #expect(told.map(\.countOfBytesWritten).reduce(0, +) == 100_000, "and none is lost")
        #expect(told.last?.countOfBytesReceived == 100_000)
        #expect(took < .seconds(20), "100,000 events took \(took)")
        // Other tests run beside this one: a coarse limit, and an exact one on what readers are kept.
        #expect(after - before < 128 * 1024, "the process grew by \(after - before) KiB")
        session.finishTasksAndInvalidate()
        try await recorder.invalid()
        #expect(await events.reduce(0) { count, _ in count + 1 } <= 257)
        withExtendedLifetime(progress) {}
        print("100,000 progress events: \(took), \(told.count) calls, \(after - before) KiB more")
    }

    /// What the process has in memory.
    private func residentKilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        return try #require(number)
    }
}
