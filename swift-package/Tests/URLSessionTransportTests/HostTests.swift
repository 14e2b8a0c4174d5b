import BackhaulTestSupport
import Foundation
import Testing

import struct BackhaulGenerated.TransferId

@testable import Backhaul

/// The life of the system's session, and what is said of transfers, as the core sees it.
@Suite("A host of URLSession")
struct HostTests {
    let fixture: Fixture
    let service = FakeService()
    let settings: SessionSettings
    let host: URLSessionHost
    let ear = Ear()
    let first = TransferId(task: 7, attempt: 1)

    init() throws {
        fixture = try Fixture()
        settings = try fixture.background().settings
        let service = service
        host = try URLSessionHost(
            settings: settings, outlivesProcess: true, folder: fixture.container,
            isTemporary: false
        ) { service.connect($0) }
    }

    private func onQueue(_ work: () -> Void) {
        host.queue.sync(execute: work)
        // What it has asked the system for is answered.
        host.queue.sync {}
    }

    private func leaves(_ transport: inout URLSessionTransport?) {
        transport = nil
        onQueue {}
    }

    private func attached() -> URLSessionTransport {
        let transport = URLSessionTransport(host, settings)
        transport.attach(toListener: ear)
        onQueue {}
        return transport
    }

    @Test func theAnswerComesBehindTheEndsThatTheSystemKnows() async throws {
        // rule W5, rule W3
        let transport = attached()
        transport.start(transfer: .get(first))
        onQueue {}
        service.answer("7.1")
        service.end("7.1")
        transport.list()
        onQueue {}
        #expect(ear.heard.current == [])
        service.finish("7.1", Data("body".utf8))
        try await ear.heard.wait(for: "the answer") { $0.contains("listed []") }
        #expect(ear.heard.current == ["responded 7.1", "finished 7.1", "listed []"])
    }

    @Test func anAnswerIsNotHeldBackForEver() async throws {
        // rule W5
        let transport = attached()
        transport.start(transfer: .get(first))
        onQueue {}
        service.end("7.1")
        transport.list()
        try await ear.heard.wait(for: "the answer") { $0 == ["listed [7.1]"] }
    }

    @Test func startingWhatRunsDoesNothing() {
        // rule W5
        let transport = attached()
        transport.start(transfer: .get(first))
        transport.start(transfer: .get(first))
        onQueue {}
        #expect(service.state.current.made.count == 1)
    }

    @Test func aStopIsAnsweredOnceAlsoForAStranger() async throws {
        // rule L
        let transport = attached()
        host.queue.sync {
            transport.stop(id: first)
            transport.start(transfer: .get(first))
            transport.stop(id: first)
            transport.stop(id: first)
        }
        try await ear.heard.wait(for: "both answers") { $0.count >= 2 }
        onQueue {}
        #expect(ear.heard.current == ["stopped 7.1", "stopped 7.1"])
    }

    @Test func aStopThatComesTooLateIsNotAnswered() {
        // rule L
        let transport = attached()
        transport.start(transfer: .get(first))
        onQueue {}
        service.answer("7.1")
        service.finish("7.1", Data("body".utf8), isTold: false)
        transport.stop(id: first)
        onQueue {}
        service.happens("7.1") { $0.download($1, didCompleteWith: nil) }
        onQueue {}
        #expect(ear.heard.current == ["responded 7.1", "finished 7.1"])
    }

    @Test func theRequestSaysWhatTheTransferMay() throws {
        // rule R2, rule T2
        let transport = attached()
        transport.start(transfer: .get(first, fields: ["Accept": "a/b", "Accept-Encoding": "gzip"]))
        onQueue {}
        let task = try #require(service.state.current.task("7.1"))
        let request = try #require(task.originalRequest)
        #expect(request.value(forHTTPHeaderField: "Accept") == "a/b")
        #expect(request.value(forHTTPHeaderField: "Accept-Encoding") == "identity")
        #expect(request.timeoutInterval == 60 && !request.httpShouldHandleCookies && !request.allowsCellularAccess)
        #expect(task.countOfBytesClientExpectsToReceive == 4)
    }

    // MARK: - The life of the system's session

    @Test func theSystemsSessionStaysWhileItHasTransfers() async throws {
        // rule S7, rule C1
        var transport: URLSessionTransport? = attached()
        transport?.start(transfer: .get(first))
        onQueue {}
        leaves(&transport)
        onQueue {}
        #expect(service.state.current.ending == 0)
        // What arrives meanwhile is kept for whoever comes.
        service.answer("7.1")
        service.finish("7.1", Data("body".utf8))
        onQueue {}
        onQueue {}
        #expect(ear.heard.current == [])
        #expect(service.state.current.connections == 1)

        transport = attached()
        transport?.list()
        try await ear.heard.wait(for: "the file") { $0.contains("listed []") }
        #expect(ear.heard.current == ["finished 7.1", "listed []"])
        #expect(service.state.current.connections == 2, "the one before was idle, and let go")
    }

    @Test func itIsNotMadeAgainBeforeItIsInvalid() {
        // rule C1
        service.state.change { $0.isSlowToEnd = true }
        var transport: URLSessionTransport? = attached()
        leaves(&transport)
        onQueue {}
        #expect(service.state.current.ending == 1)
        transport = attached()
        transport?.start(transfer: .get(first))
        onQueue {}
        #expect(service.state.current.connections == 1 && service.state.current.made.isEmpty)
        service.becomeInvalid()
        onQueue {}
        #expect(service.state.current.connections == 2 && service.state.current.made.count == 1)
    }

    @Test func whatItForgetsOnItsOwnIsStopped() {
        // rule W5
        let transport = attached()
        transport.start(transfer: .get(first))
        onQueue {}
        service.state.change { $0.ending += 1 }
        service.becomeInvalid()
        onQueue {}
        #expect(ear.heard.current == ["stopped 7.1"])
        transport.start(transfer: .get(TransferId(task: 7, attempt: 2)))
        onQueue {}
        #expect(service.state.current.made.count == 2)
    }

    @Test func anIdentifierHasOneHostInAProcess() throws {
        // rule C1
        let hosts = URLSessionHosts()
        let make = { [fixture, service, settings] in
            try URLSessionHost(
                settings: settings, outlivesProcess: true, folder: fixture.container,
                isTemporary: false
            ) { service.connect($0) }
        }
        let here = fixture.container
        var one: URLSessionHost? = try hosts.host(identifier: "a", folder: here, make: make)
        #expect(try hosts.host(identifier: "a", folder: here, make: make) === one)
        #expect(try hosts.host(identifier: "b", folder: here, make: make) !== one)
        #expect {
            try hosts.host(identifier: "a", folder: here.appendingPathComponent("elsewhere"), make: make)
        } throws: {
            ($0 as? BackhaulError)?.kind == .sessionInUse
        }
        one = nil
        _ = try hosts.host(identifier: "a", folder: here.appendingPathComponent("elsewhere"), make: make)
    }
}
