import Backhaul
import Foundation

/// `Calls FOLDER` prints what one crossing takes, in microseconds: the median of many rounds, after the first ones have
/// warmed it up.
@main
struct Calls {
    static let rounds = 40
    static let callsInARound = 20_000
    /// The most tasks of one call that a delegate is told one by one.
    static let tasksInARound = 256

    static func main() throws {
        guard CommandLine.arguments.count == 2 else { fatalError("usage: Calls FOLDER") }
        let clock = Clock()
        var configuration = try SessionConfiguration.background(withIdentifier: "bench")
        configuration.container = URL(fileURLWithPath: CommandLine.arguments[1], isDirectory: true)
        let session = try Session(configuration: configuration, delegate: clock)
        let call = median((0..<rounds).map { _ in timeOfCall() })
        let told = median(try (0..<rounds).map { round in try timeOfTelling(session, clock, round) })
        print(#"{"call_us": \#(call), "delegate_us": \#(told)}"#)
        session.invalidateAndCancel()
    }

    /// Into the library with a value, and back with a string.
    static func timeOfCall() -> Double {
        var characters = 0
        let took = ContinuousClock().measure {
            for _ in 0..<callsInARound { characters += WaitReason.connectivity.unblockedBy.utf8.count }
        }
        precondition(characters > 0)
        return took.inMicroseconds / Double(callsInARound)
    }

    /// From a thread of the library to a delegate, with all that is known of a task. The time from one call to the next:
    /// what the library does in between counts, too.
    static func timeOfTelling(_ session: Session, _ clock: Clock, _ round: Int) throws -> Double {
        let done = clock.expect(tasksInARound)
        // Suspended: nothing is ever fetched.
        let requests = (0..<tasksInARound).map { Request(url: URL(string: "https://127.0.0.1/\(round)-\($0)")!) }
        _ = try session.downloadTasks(with: requests)
        guard done.wait(timeout: .now() + 60) == .success else { fatalError("the delegate was not told") }
        return clock.medianPause()
    }
}

/// Writes down when it was told of each task.
final class Clock: SessionTaskDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var times: [ContinuousClock.Instant] = []
    private var expected = 0
    private var told = DispatchSemaphore(value: 0)

    func expect(_ count: Int) -> DispatchSemaphore {
        lock.withLock {
            (times, expected, told) = ([], count, DispatchSemaphore(value: 0))
            return told
        }
    }

    func medianPause() -> Double {
        lock.withLock { median(zip(times.dropFirst(), times).map { ($0 - $1).inMicroseconds }) }
    }

    func urlSession(_ session: Session, didCreateTask task: DownloadTask) {
        lock.withLock {
            times.append(.now)
            if times.count == expected { told.signal() }
        }
    }
}

func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }

extension Duration {
    var inMicroseconds: Double { self / .microseconds(1) }
}
