import Backhaul
import Foundation

/// An app of somebody else, as small as it can be: `Fetch URL CONTAINER` downloads one file in a background session, and
/// prints where it is.
@main
struct Fetch {
    final class App: SessionDelegate {}

    static func main() async throws {
        guard CommandLine.arguments.count == 3, let url = URL(string: CommandLine.arguments[1]) else {
            fatalError("usage: Fetch URL CONTAINER")
        }
        var configuration = try SessionConfiguration.background(withIdentifier: "com.example.fetch")
        configuration.container = URL(fileURLWithPath: CommandLine.arguments[2], isDirectory: true)
        configuration.plainHTTPHosts = ["127.0.0.1"]
        configuration.isDiscretionary = false
        let session = try Session(configuration: configuration, delegate: App())
        let file = try await session.download(from: url)
        session.finishTasksAndInvalidate()
        print(file.location.path)
    }
}
