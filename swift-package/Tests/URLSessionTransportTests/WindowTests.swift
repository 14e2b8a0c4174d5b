import BackhaulTestSupport
import Foundation
import Testing

@testable import Backhaul

/// How many transfers the system is given at a time, and what it measures of them.
@Suite("The window of transfers")
struct WindowTests {
    let fixture: Fixture
    let service = FakeService()
    let body = Data("body".utf8)

    init() throws {
        fixture = try Fixture()
    }

    private func life(_ recorder: Recorder = Recorder()) throws -> FakeLife {
        try FakeLife(fixture, service, recorder) { $0.maximumConcurrentTransfers = 128 }
    }

    private func enqueue(_ count: Int, in life: FakeLife) async throws {
        try await life.session.enqueue(
            (0..<count).map { number in
                var request = Request(url: URL(string: "https://example.com/\(number)")!)
                request.destination = .container("many/\(number)")
                return request
            })
    }

    private func finishAll() {
        for name in service.state.current.running.compactMap(\.taskDescription) {
            service.answer(name)
            service.finish(name, body)
        }
    }

    @Test func isNeverExceededAndRefilledAsTransfersEnd() async throws {
        // rule P9
        let (window, count, ends) = (Int(URLSessionTransport.window), 500, Watched(0))
        let life = try life(
            Recorder { _, event in
                if case .completed = event { ends.change { $0 += 1 } }
            })
        try await enqueue(count, in: life)
        var left = count
        while left > 0 {
            let running = min(window, left)
            try await service.state.wait(for: "\(running) transfers") { $0.running.count == running }
            finishAll()
            left -= running
            let goal = count - left
            try await ends.wait(for: "\(goal) ends") { $0 == goal }
        }
        #expect(service.state.current.peak == window)
        #expect(service.state.current.made.count == count)
    }

    @Test func isRefilledAtAWake() async throws {
        // rule P9, rule W5
        let window = Int(URLSessionTransport.window)
        do {
            let life = try life()
            try await enqueue(100, in: life)
            try await service.state.wait(for: "a full window") { $0.made.count == window }
        }
        service.die()
        finishAll()
        let life = try life()
        try await service.state.wait(for: "the rest to be started") { $0.made.count == 100 }
        finishAll()
        try await life.recorder.wait(for: "all ends") { $0.filter { $0.name == "completed" }.count == 100 }
        #expect(service.state.current.peak == window)
    }

    @Test func whatTheSystemMeasuresIsTold() async throws {
        // rule H8
        let life = try life()
        let (task, name) = try await life.start()
        service.answer(name)
        service.write(name, 4, total: 4, of: 4)
        let measured = CollectedMetrics(
            firstByte: 0.25, duration: 1.5, redirects: 2, httpVersion: CollectedMetrics.version(of: "h2"),
            remoteAddress: "192.0.2.7")
        service.finish(name, body, measured)
        #expect(try await life.recorder.end(of: task) == nil)
        let metrics = try #require(
            life.recorder.events.compactMap { event in
                if case .collectedMetrics(_, let metrics) = event { metrics } else { nil }
            }.first)
        #expect(metrics.httpVersion == "HTTP/2.0" && metrics.remoteAddress == "192.0.2.7")
        #expect(metrics.redirectCount == 2 && metrics.countOfBytesReceived == 4)
        #expect(metrics.duration == .seconds(1.5))
    }
}
