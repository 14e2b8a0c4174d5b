import BackhaulTestSupport
import Foundation
import Testing

import enum BackhaulGenerated.ErrorKind

@testable import Backhaul

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Redirects in a default session")
struct RedirectTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture(objects: ["a": 100_000])
    }

    private func session(_ recorder: Recorder) throws -> Session {
        var configuration = fixture.foreground()
        configuration.transferService = .system
        configuration.secretHeaders = ["X-Key"]
        return try Session(configuration: configuration, delegate: recorder)
    }

    private func end(_ request: Request, _ recorder: Recorder = Recorder()) async throws -> BackhaulError? {
        let task = try session(recorder).downloadTask(with: request)
        try task.resume()
        return try await recorder.end(of: task)
    }

    @Test func areFollowed() async throws {
        // rule H3
        #expect(try await end(fixture.request("a", "fault=redirect-to-target")) == nil)
        #expect(try await fixture.hasArrived("a"))
    }

    @Test func areTheAnswerIfTheDelegateSaysSo() async throws {
        // rule H3
        let error = try await end(
            fixture.request("a", "fault=redirect-to-target"), Recorder(followsRedirects: false))
        #expect(error?.kind == .httpStatus && error?.response?.statusCode == 302)
        #expect(!fixture.isThere("a"))
    }

    @Test func inACircleEnd() async throws {
        // rule H3
        #expect(try await end(fixture.request("a", "fault=redirect-loop"))?.kind == .tooManyRedirects)
    }

    @Test func toAnotherOriginTakeNoSecretsAlong() async throws {
        // rule H3
        let elsewhere = try FaultServer(objects: ["a": 100_000])
        func request(to server: FaultServer, _ header: String) -> Request {
            let target = server.url("a", "fault=require-authorization&value=\(header)").absoluteString
            let escaped = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
            var request = fixture.request("a", "fault=redirect&to=\(escaped)")
            request.setValue(header, forHTTPHeaderField: "Authorization")
            return request
        }
        #expect(try await end(request(to: fixture.server, "secret")) == nil, "at home it is needed")
        let error = try await end(request(to: elsewhere, "secret"))
        #expect(error?.response?.statusCode == 401)
    }

    // MARK: - The rules alone

    private func follow(
        _ target: String, from url: String, fields: [String: String] = [:]
    ) -> Result<URLRequest, TransferFailure> {
        var trail = RedirectTrail(from: URL(string: url)!, plainHTTPHosts: ["Plain.example"])
        var request = URLRequest(url: URL(string: target)!)
        for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
        return trail.follow(request, secrets: ["X-Key"])
    }

    @Test(arguments: [
        ("https://a.example/", "http://plain.example/", ErrorKind.redirectRefused),
        ("https://a.example/", "ftp://a.example/", .redirectRefused),
        ("http://plain.example/", "http://other.example/", .plainHttpNotAllowed),
        ("https://a.example/x", "https://a.example/x#again", .tooManyRedirects),
    ])
    func whatIsRefused(from url: String, to target: String, kind: ErrorKind) throws {
        // rule H3, rule T1
        guard case .failure(let failure) = follow(target, from: url) else {
            throw TestFailure("\(target) is followed")
        }
        #expect(failure.kind == kind)
    }

    @Test(arguments: [
        ("https://a.example/x", "https://A.example:443/y", true),
        ("https://a.example/x", "https://a.example:444/y", false),
        ("https://a.example/x", "https://b.example/y", false),
        ("http://plain.example/x", "https://plain.example/y", false),
        ("http://plain.example/x", "http://plain.example:80/y", true),
    ])
    func secretsStayAtTheirOrigin(from url: String, to target: String, isSame: Bool) throws {
        // rule H3
        let fields = ["Authorization": "a", "Cookie": "b", "Proxy-Authorization": "c", "x-key": "d", "Accept": "e"]
        let request = try follow(target, from: url, fields: fields).get()
        #expect(request.value(forHTTPHeaderField: "Accept") == "e")
        for name in ["Authorization", "Cookie", "Proxy-Authorization", "X-Key"] {
            #expect((request.value(forHTTPHeaderField: name) != nil) == isSame, "\(name)")
        }
    }

    @Test func tenAndNoMore() throws {
        // rule H3
        var trail = RedirectTrail(from: URL(string: "https://a.example/0")!, plainHTTPHosts: [])
        for hop in 1...10 {
            _ = try trail.follow(URLRequest(url: URL(string: "https://a.example/\(hop)")!), secrets: []).get()
        }
        #expect(trail.count == 10)
        let next = trail.follow(URLRequest(url: URL(string: "https://a.example/11")!), secrets: [])
        #expect(throws: TransferFailure(.tooManyRedirects, "the server redirects more than 10 times")) {
            try next.get()
        }
    }
}
