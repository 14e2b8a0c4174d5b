// watchos,ios,macos 6 error: later accesses could race
import Foundation

final class Counter {
    var count = 0
}

func start() -> Counter {
    let counter = Counter()
    Task.detached { counter.count += 1 }
    return counter
}
