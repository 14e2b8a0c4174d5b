import BackhaulTestSupport
import Foundation

@testable import Backhaul

/// One process of an app whose transfers the fake service carries.
struct FakeLife {
    let recorder: Recorder
    let host: URLSessionHost
    let session: Session
    private let service: FakeService

    init(
        _ fixture: Fixture,
        _ service: FakeService,
        _ recorder: Recorder = Recorder(),
        change: (inout SessionConfiguration<Background>) -> Void = { _ in }
    ) throws {
        var configuration = try fixture.background()
        change(&configuration)
        self.recorder = recorder
        self.service = service
        host = try URLSessionHost(
            settings: configuration.settings,
            outlivesProcess: true,
            folder: fixture.container.appendingPathComponent("fake"),
            isTemporary: false
        ) { service.connect($0) }
        configuration.transferService = .custom(URLSessionTransport(host, configuration.settings))
        session = try Session(configuration: configuration, delegate: recorder)
    }

    /// A task of which the service carries the first attempt; and what it calls it.
    func start(_ name: String = "a", change: (inout Request) -> Void = { _ in }) async throws -> (DownloadTask, String)
    {
        var request = Request(url: URL(string: "https://example.com/\(name)")!)
        request.destination = .container(name)
        change(&request)
        let task = try session.downloadTask(with: request)
        try task.resume()
        try await service.isRunning("\(task.id).1")
        return (task, "\(task.id).1")
    }
}
