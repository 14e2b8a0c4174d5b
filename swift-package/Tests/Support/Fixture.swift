import Backhaul
import Foundation

/// A server and a container on disk, for one test.
public final class Fixture: Sendable {
    public let server: FaultServer
    /// Removed with this object.
    public let container: URL

    /// `objects` by name, with their sizes.
    public init(tls: Bool = false, objects: [String: Int] = [:]) throws {
        server = try FaultServer(tls: tls, objects: objects)
        container = FileManager.default.temporaryDirectory
            .appendingPathComponent("backhaul-tests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: container, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: container)
    }

    /// A background configuration for this server, in a hurry.
    public func background(_ identifier: String = "com.example.test") throws -> SessionConfiguration<Background> {
        var configuration = try SessionConfiguration.background(withIdentifier: identifier)
        configuration.isDiscretionary = false
        return furnished(configuration)
    }

    /// A default configuration for this server.
    public func foreground() -> SessionConfiguration<Foreground> {
        furnished(.default)
    }

    private func furnished<Kind>(_ plain: SessionConfiguration<Kind>) -> SessionConfiguration<Kind> {
        var configuration = plain
        configuration.container = container
        configuration.transferService = .builtIn
        configuration.plainHTTPHosts = ["127.0.0.1"]
        configuration.retryPolicy = RetryPolicy(base: .milliseconds(20), cap: .milliseconds(200))
        if let authority = server.certificateAuthority { configuration.rootCertificates = [authority] }
        return configuration
    }

    /// A request for the object of this name, to a file of this name in the container.
    public func request(_ name: String, _ fault: String = "") -> Request {
        var request = Request(url: server.url(name, fault))
        request.destination = .container(name)
        return request
    }

    /// Where the file of this name goes.
    public func file(_ name: String) -> URL {
        container.appendingPathComponent("files").appendingPathComponent(name, isDirectory: false)
    }

    /// Whether the file of this name is what the server serves.
    public func hasArrived(_ name: String) async throws -> Bool {
        let expected = try await server.content(of: name)
        return try Data(contentsOf: file(name)) == expected
    }

    /// Part files and sidecars that lie about.
    public var leftovers: [String] {
        let folder = container.appendingPathComponent("files").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(".backhaul-") }
    }
}
