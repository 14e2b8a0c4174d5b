import Foundation
import StandInSystem
import Testing

@testable import Backhaul

/// One call at launch, and everything is wired.
@MainActor
struct StartTests {
    @Test func theSessionsKnowWhatTheSystemIsLikeAndHearOfChanges() async throws {
        // rules W5, P2
        try await withPhone { phone in
            phone.system.network = .init(nil)
            phone.system.open()
            let task = try await phone.enqueue()
            #expect(try task.info.state == .waiting(.connectivity))
            phone.system.network = .init(.wifi)
            try await phone.serviceStarts("maps")
        }
    }

    @Test func nothingStartsThatMustNotRunAtALaunchInTheBackground() async throws {
        // rules W5, P1
        try await withPhone { phone in
            phone.configure = { configuration in
                configuration.isDiscretionary = false
                configuration.allowsCellularAccess = false
            }
            phone.system.network = .init(nil)
            phone.system.open()
            try await phone.enqueue()
            await phone.leave()
            phone.system.purge()
            phone.system.network = .init(.cellular)
            phone.system.wake {}
            let session = try #require(phone.sessions?.session(withIdentifier: "maps"))
            let info = try #require(try session.tasks(after: nil, limit: 1).first)
            #expect(info.state == .waiting(.cellularNotAllowed))
            phone.system.network = .init(.wifi)
            try await phone.serviceStarts("maps")
        }
    }

    @Test func whatIsLetGoIsReleased() async throws {
        // rule C3
        try await withPhone { phone in
            phone.system.open()
            weak var monitor = phone.sessions?.companion.withLock { $0 as? SystemConditionsMonitor }
            #expect(monitor != nil)
            await phone.leave()
            phone.system.purge()
            phone.system.install(phoneApp: { EmptyPhoneApp() })
            #expect(phone.sessions == nil && monitor == nil)
        }
    }
}
