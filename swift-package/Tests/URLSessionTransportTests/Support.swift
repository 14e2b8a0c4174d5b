import BackhaulGenerated
import BackhaulTestSupport
import Foundation

@testable import Backhaul

/// Notes when a host is gone, and so its `URLSession` and its delegate.
func watch(_ host: URLSessionHost, _ released: Watched<Bool>) {
    // A queue keeps what is set in it until it goes itself, which is the host's.
    host.queue.setSpecific(key: DispatchSpecificKey<Canary>(), value: Canary(released))
}

private final class Canary: Sendable {
    private let released: Watched<Bool>

    init(_ released: Watched<Bool>) {
        self.released = released
    }

    deinit {
        released.change { $0 = true }
    }
}

extension BackhaulGenerated.Response {
    /// A success.
    static func ok(_ url: String, status: UInt16 = 200, _ fields: [String: String] = [:]) -> Self {
        Self(
            url: url, status: status, httpVersion: "", headers: fields.map { .init(name: $0.key, value: $0.value) },
            body: Data(), suggestedFilename: nil)
    }
}

extension Fixture {
    func isThere(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name).path)
    }
}
