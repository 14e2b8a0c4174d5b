import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What cannot be honoured is a typed error, before anything is written (rules C2, E3).
@Suite("Bad input is a typed error that says what to do")
struct BadInputTests {
    let fixture: Fixture
    let session: Session

    init() throws {
        fixture = try Fixture()
        session = try Session(configuration: fixture.background(), delegate: Recorder())
    }

    @Test(arguments: ["", " \t", String(repeating: "x", count: 1025)])
    func anIdentifierThatIsEmptyOrTooLong(_ identifier: String) throws {
        // rule S1
        let background = try failure { try SessionConfiguration.background(withIdentifier: identifier) }
        let watch = try failure { try SessionConfiguration.watch(withIdentifier: identifier) }
        #expect(background?.kind == .invalidIdentifier && watch?.kind == .invalidIdentifier)
        #expect(background?.reason.contains("com.example") == true, "it shows what one looks like")
    }

    @Test(arguments: [
        ("/relative", BackhaulError.Kind.invalidURL), ("ftp://host/file", .unsupportedScheme),
        ("file:///etc/passwd", .unsupportedScheme), ("http://elsewhere.example/", .plainHTTPNotAllowed),
    ])
    func aURLThatIsNotOne(_ text: String, _ kind: BackhaulError.Kind) throws {
        // rule C2, rule T1
        let url = try #require(URL(string: text))
        #expect(try failure { try session.downloadTask(with: url) }?.kind == kind)
        #expect(try session.tasks().isEmpty)
    }

    @Test func aDestinationThatIsNotAFile() throws {
        // rule D5
        let web = try #require(URL(string: "https://example.com/a"))
        let error = try failure { try Destination.file(web, in: session) }
        #expect(error?.kind == .invalidDestination && error?.reason.contains("https") == true)
    }

    @Test func aDestinationOutsideEveryBaseDirectory() throws {
        // rule D5
        let outside = try failure { try Destination.file(URL(fileURLWithPath: "/etc/passwd"), in: session) }
        #expect(outside?.kind == .invalidDestination && outside?.reason.contains("baseDirectories") == true)
        let sibling = URL(fileURLWithPath: fixture.container.path + "/files-not/a")
        #expect(try failure { try Destination.file(sibling, in: session) }?.kind == .invalidDestination)
        for path in ["", "/etc/passwd", "../x", "a/../x", "x/"] {
            var request = fixture.request("a")
            request.destination = .container(path)
            #expect(try failure { try session.downloadTask(with: request) }?.kind == .invalidDestination)
        }
        var request = fixture.request("a")
        request.destination = Destination(base: "nowhere", path: "a")
        #expect(try failure { try session.downloadTask(with: request) }?.kind == .invalidDestination)
        #expect(try session.tasks().isEmpty)
    }

    @Test func aFileBelowABaseDirectoryIsADestination() throws {
        // rule D5
        var configuration = try fixture.background("bases")
        let maps = fixture.container.appendingPathComponent("maps", isDirectory: true)
        configuration.baseDirectories = ["documents": fixture.container, "maps": maps]
        let file = maps.appendingPathComponent("alps/west.zip")
        let destination = try Destination.file(file, in: configuration)
        #expect(destination == Destination(base: "maps", path: "alps/west.zip"), "the innermost decides")
        #expect(try Destination.file(fixture.file("a"), in: configuration) == .container("a"))
    }

    @Test func aHeaderThatWouldInjectAnother() throws {
        // rule C2
        for (name, value) in [("X-Note", "a\r\nHost: evil"), ("Bad Name", "a"), ("Range", "bytes=0-1")] {
            var request = fixture.request("a")
            request.setValue(value, forHTTPHeaderField: name)
            #expect(try failure { try session.downloadTask(with: request) }?.kind == .invalidHeader)
        }
        var configuration = try fixture.background("headers")
        configuration.httpAdditionalHeaders = ["If-Range": "x"]
        let error = try failure { try Session(configuration: configuration, delegate: Recorder()) }
        #expect(error?.kind == .invalidHeader)
    }

    @Test func aSecretInABackgroundRequest() throws {
        // rule T2
        var request = fixture.request("a")
        request.setValue("Bearer secret", forHTTPHeaderField: "Authorization")
        let error = try failure { try session.downloadTask(with: request) }
        #expect(error?.kind == .secretNotStorable && error?.reason.contains("signed URL") == true)
        #expect(error?.reason.contains("Bearer") == false)
    }

    @Test func aRequestOfFoundationsThatIsNoDownload() throws {
        // rule C2
        var foundation = URLRequest(url: fixture.server.url("a"))
        foundation.setValue("maps", forHTTPHeaderField: "X-App")
        foundation.allowsCellularAccess = false
        let request = try Request(foundation)
        #expect(request.value(forHTTPHeaderField: "x-app") == "maps")
        #expect(request.allowsCellularAccess == false && request.allowsExpensiveNetworkAccess == nil)
        foundation.httpMethod = "POST"
        #expect(try failure { try Request(foundation) }?.kind == .invalidRequest)
    }

    @Test func twoTasksWithOneDestination() throws {
        // rule C2
        _ = try session.downloadTask(with: fixture.request("a"))
        #expect(try failure { try session.downloadTask(with: fixture.request("a")) }?.kind == .destinationInUse)
    }

    @Test func aDigestThatIsNone() throws {
        // rule H6
        var request = fixture.request("a")
        request.expectedDigest = .sha256("abc")
        #expect(try failure { try session.downloadTask(with: request) }?.kind == .invalidRequest)
    }

    @Test func aTaskThatIsNotThere() async throws {
        // rule E3
        #expect(try failure { try session.task(withIdentifier: 4711) }?.kind == .unknownTask)
        #expect(try failure { try session.forget([4711]) }?.kind == .unknownTask)
        let nowhere = fixture.container.appendingPathComponent("nowhere")
        #expect(try failure { try Inspector(container: nowhere) }?.kind == .store)
    }

    @Test func aStepOfAnotherPlan() throws {
        // rule L6
        var other = Plan()
        let first = other.add(fixture.request("a"))
        let second = other.add(fixture.request("b"), after: [first])
        var plan = Plan()
        plan.add(fixture.request("c"), after: [second])
        #expect(try failure { try session.enqueue(plan) }?.kind == .invalidRequest)
        #expect(try session.tasks().isEmpty)
    }

    @Test func aJudgeOfCertificatesThatTheSystemsServiceWouldNotAsk() throws {
        // rule C2, rule T6
        #if os(Linux)
            var configuration = try fixture.background("system")
            configuration.transferService = .system
            configuration.rootCertificates = ["-----BEGIN CERTIFICATE-----"]
            let error = try failure { try Session(configuration: configuration, delegate: Recorder()) }
            #expect(error?.kind == .invalidRequest && error?.reason.contains("builtIn") == true, "\(error as Any)")
        #endif
    }

    @Test func everyKindHasItsStableName() {
        // rule E3
        #expect(BackhaulError.Kind.allCases.count == 41)
        #expect(BackhaulError.Kind(rawValue: "digest_mismatch") == .digestMismatch)
        #expect(WaitReason.allCases.count == 20)
        #expect(WaitReason.allCases.allSatisfy { !$0.unblockedBy.isEmpty })
    }
}
