import BackhaulTestSupport
import Foundation
import Observation

/// Returns when this is so of what can be observed.
///
/// - Throws: `TestFailure` with what is so instead, when it takes too long.
@MainActor
func eventually(instead: @autoclosure () -> String, _ isSo: () -> Bool) async throws {
    let end = ContinuousClock.now + patience
    while true {
        let (changes, change) = AsyncStream.makeStream(of: Void.self)
        if withObservationTracking(isSo, onChange: { change.yield() }) { return }
        let left = (end - .now) / .seconds(1)
        guard left > 0 else { throw TestFailure("instead: \(instead())") }
        DispatchQueue.global().asyncAfter(deadline: .now() + left) { change.finish() }
        // The change is announced just before it is made: this actor's next turn is after it.
        for await _ in changes { break }
    }
}
