import Backhaul
import BackhaulTestSupport
import Foundation
import Testing

/// Where the delegate is called, and in which order (rules L1, L2, S2).
@Suite("Delegates are called where the app says")
struct DelegateQueueTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture(objects: ["a": 300_000])
    }

    /// Downloads, and gives back every call.
    private func calls(on queue: DelegateQueue, _ recorder: Recorder = Recorder()) async throws -> [Recorder.Call] {
        let session = try Session(
            configuration: fixture.background(), delegate: recorder, delegateQueue: queue)
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        #expect(try await recorder.end(of: task) == nil)
        session.finishTasksAndInvalidate()
        try await recorder.invalid()
        return recorder.calls
    }

    @Test func onAThreadOfTheSessionsOwn() async throws {
        // rule L2
        let calls = try await calls(on: .serial)
        #expect(Set(calls.map(\.thread)).count == 1)
        #expect(calls.allSatisfy { !$0.isOnMainThread })
    }

    @Test func inTheOrderOfTheContract() async throws {
        // rule L1
        let names = try await calls(on: .serial).map(\.event.name).filter { $0 != "finishedEvents" }
        #expect(names.first == "created")
        #expect(names.dropFirst().first == "responded")
        #expect(names.suffix(4) == ["collectedMetrics", "finished", "completed", "becameInvalid"])
        let middle = names.dropFirst(2).dropLast(4)
        #expect(!middle.isEmpty && middle.allSatisfy { $0 == "progressed" })
    }

    @Test func onADispatchQueue() async throws {
        // rule S2
        let queue = DispatchQueue(label: "test", attributes: .concurrent)
        let overlaps = Watched((inside: 0, most: 0))
        let recorder = Recorder { _, _ in
            overlaps.change { $0 = ($0.inside + 1, max($0.most, $0.inside + 1)) }
            dispatchPrecondition(condition: .onQueue(queue))
            overlaps.change { $0.inside -= 1 }
        }
        let calls = try await calls(on: .dispatchQueue(queue), recorder)
        #expect(!calls.isEmpty)
        #expect(overlaps.current.most == 1, "one at a time, on a concurrent queue too")
    }

    @Test func onAnOperationQueue() async throws {
        // rule S2
        let queue = OperationQueue()
        let strays = Watched(0)
        let recorder = Recorder { _, _ in
            if OperationQueue.current !== queue { strays.change { $0 += 1 } }
        }
        let calls = try await calls(on: .operationQueue(queue), recorder)
        #expect(!calls.isEmpty && strays.current == 0)
    }

    @Test func onTheMainQueue() async throws {
        // rule W4
        let recorder = Recorder { _, _ in
            MainActor.preconditionIsolated("a delegate on the main queue is on the main actor")
        }
        #expect(try await !calls(on: .main, recorder).isEmpty)
    }

    @Test func onAnActorThatIsTheDelegate() async throws {
        // rule S2
        let library = Library()
        let session = try Session(
            configuration: fixture.background(), delegate: library, delegateQueue: .actor(library))
        let task = try session.downloadTask(with: fixture.request("a"))
        try task.resume()
        _ = try await within(patience, "the file") { try await task.value }
        session.finishTasksAndInvalidate()
        try await library.isInvalid.wait(for: "the end") { $0 }
        #expect(await library.files == [fixture.file("a")])
    }

    @Test func whereverAClosureBringsThem() async throws {
        // rule S2, rule L1
        let threads = DelegateQueue { work in Thread(block: work).start() }
        let names = try await calls(on: threads).map(\.event.name)
        #expect(names.first == "created" && names.last == "becameInvalid")
    }
}

/// State of an app that only its actor touches: calls are isolated to it.
private actor Library: SessionDownloadDelegate {
    private(set) var files: [URL] = []
    nonisolated let isInvalid = Watched(false)

    nonisolated func urlSession(
        _ session: Session,
        downloadTask: DownloadTask,
        didFinishDownloadingTo location: URL
    ) {
        assumeIsolated { $0.files.append(location) }
    }

    nonisolated func urlSession(_ session: Session, didBecomeInvalidWithError error: BackhaulError?) {
        isInvalid.change { $0 = true }
    }
}
