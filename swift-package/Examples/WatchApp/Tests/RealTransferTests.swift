import Backhaul
import BackhaulTestSupport
import Foundation
import StandInSystem
import Testing
import WatchAppContent

@testable import WatchAppModel

/// The app with real transfers over real sockets, and a server on loopback.
@MainActor
struct RealTransferTests {
    @Test func aPictureGoesOnWhereTheDeadAppHadLeftIt() async throws {
        // rules S7, D3, H6
        let site = try SlowSite()
        try await Watch.with { watch in
            watch.browse(site.server)
            try await site.server.misbehave(with: "long.png", "fault=stall&bytes=360000")
            watch.open()
            await watch.app?.model.refresh()
            try await watch.receives(atLeast: 0.5, of: SlowSite.postcard.title)
            try await watch.die { $0.reboot() }
            #expect(watch.store.picture(of: SlowSite.postcard) == nil, "half a picture is none")

            watch.open()
            let kept = try await watch.receives(atLeast: 0.01, of: SlowSite.postcard.title)
            #expect(kept >= 0.4, "it goes on from there, not from the beginning")
            try await watch.shows(["long+"], tasks: "Next postcards: Waits for a good moment, such as charging.")
            let picture = try #require(watch.store.picture(of: SlowSite.postcard))
            #expect(try Data(contentsOf: picture) == SlowSite.picture)
            #expect(try watch.coverOnScreen == Data("cover".utf8))
            #expect(watch.widgetReloads == 2, "the feed, and the picture")
        }
    }

    @Test("The example's own server has what its feed says", arguments: Service.allCases)
    func theExamplesOwnServer(_ service: Service) async throws {
        // rules L6, H6
        let folder = Example.folder.appendingPathComponent("Server")
        let names = ["feed.json", "cover", "pictures/morning.png", "pictures/noon.png", "pictures/evening.png"]
        let files = Dictionary(uniqueKeysWithValues: names.map { ($0, folder.appendingPathComponent($0)) })
        let server = try FaultServer(files: files)
        try await Watch.with { watch in
            watch.browse(server, by: service)
            watch.open()
            await watch.app?.model.refresh()
            try await watch.shows(
                ["morning+", "noon+", "evening+"],
                tasks: "Next postcards: Waits for a good moment, such as charging.")
            #expect(try watch.coverOnScreen == Data(contentsOf: folder.appendingPathComponent("cover")))
        }
    }
}

/// What moves the bytes.
enum Service: CaseIterable {
    /// The library's own HTTP.
    case builtIn
    /// Foundation's `URLSession`: here, one that ends with the process.
    case system
}

extension Watch {
    /// The app's server is this one.
    fileprivate func browse(_ server: FaultServer, by service: Service = .builtIn) {
        change = { environment in
            environment.server = server.url("")
            environment.configure = { configuration in
                configuration.transferService = service == .builtIn ? .builtIn : .system
                configuration.plainHTTPHosts = ["127.0.0.1"]
            }
        }
    }
}

/// A server with a feed, and a picture that takes a while.
private final class SlowSite {
    static let picture = Data((0..<600_000).map { UInt8($0 % 251) })
    static let postcard = Postcard(
        id: "long", title: "Long", date: Postcard.day,
        picture: Postcard.Picture(
            path: "long.png", bytes: 600_000,
            sha256: "3eec6f2df36b88a1a97c03224253e9d0c59f2696ff7b145203a5d43c736bc7e0"))

    let server: FaultServer
    private let folder: URL

    init() throws {
        folder = URL.temporaryDirectory.appendingPathComponent("watch-app-site-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let contents = [
            "feed.json": try json(of: [SlowSite.postcard]), "cover": Data("cover".utf8), "long.png": SlowSite.picture,
        ]
        var files: [String: URL] = [:]
        for (name, content) in contents {
            let file = folder.appendingPathComponent(name)
            try content.write(to: file)
            files[name] = file
        }
        server = try FaultServer(files: files, bytesPerSecond: 200_000)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}
