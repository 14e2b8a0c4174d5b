import BackhaulTestSupport
import Foundation

@testable import Backhaul

/// A session over the system's transfers, with what a test looks at behind it.
struct Rig {
    let fixture: Fixture
    let recorder: Recorder
    let host: URLSessionHost
    let session: Session

    /// `change` is made to the configuration.
    init(
        _ fixture: Fixture,
        _ recorder: Recorder = Recorder(),
        change: (inout SessionConfiguration<Background>) -> Void = { _ in }
    ) throws {
        // The system has one session for each identifier in a process, and tests run together.
        var configuration = try fixture.background("com.example.\(fixture.container.lastPathComponent)")
        change(&configuration)
        let transport = try makeSystemTransport(for: configuration.settings) as! URLSessionTransport
        configuration.transferService = .custom(transport)
        self.fixture = fixture
        self.recorder = recorder
        host = transport.host
        session = try Session(configuration: configuration, delegate: recorder)
    }

    /// A task that has ended, and how.
    func run(_ request: Request) async throws -> (DownloadTask, BackhaulError?) {
        let task = try session.downloadTask(with: request)
        try task.resume()
        return (task, try await recorder.end(of: task))
    }

    /// Files that are kept between the system and their destinations.
    var kept: [String] {
        // Behind what the core has asked for.
        host.queue.sync {
            [host.staging.folder, host.resumeData.folder].flatMap {
                (try? FileManager.default.contentsOfDirectory(atPath: $0.path)) ?? []
            }
        }
    }
}
