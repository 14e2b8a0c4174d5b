internal import BackhaulGenerated
import Dispatch
import Foundation

/// Where a session's delegate is called (rule S2). Calls come one at a time on each of them (rule L2): the next
/// is handed over when the one before has returned.
public struct DelegateQueue: Sendable {
    /// Nil for a thread of the session's own.
    let executor: (any BackhaulGenerated.DelegateExecutor)?

    /// A thread of the session's own.
    public static let serial = DelegateQueue(executor: nil)

    /// The main queue. A `@MainActor` class can be the delegate then, with nonisolated methods that say
    /// `MainActor.assumeIsolated { … }`.
    public static let main = DelegateQueue.dispatchQueue(.main)

    /// A dispatch queue, serial or concurrent.
    public static func dispatchQueue(_ queue: DispatchQueue) -> DelegateQueue {
        DelegateQueue { work in queue.async(execute: work) }
    }

    /// An operation queue.
    public static func operationQueue(_ queue: OperationQueue) -> DelegateQueue {
        DelegateQueue { work in queue.addOperation(work) }
    }

    /// An actor: calls run isolated to it. The actor itself can be the delegate, with nonisolated methods that say
    /// `assumeIsolated { … }`.
    public static func actor(_ actor: any Actor) -> DelegateQueue {
        DelegateQueue { work in
            Task { await actor.run(work) }
        }
    }

    /// Anything that runs `work` once, on whichever thread, now or later. Work that is let go without having run is
    /// told again at the next launch.
    public init(_ perform: @escaping @Sendable (_ work: @escaping @Sendable () -> Void) -> Void) {
        executor = Executor(perform)
    }

    private init(executor: (any BackhaulGenerated.DelegateExecutor)?) {
        self.executor = executor
    }
}

extension Actor {
    fileprivate func run(_ work: @Sendable () -> Void) {
        work()
    }
}

/// The app's closure as the library's executor.
private final class Executor: BackhaulGenerated.DelegateExecutor {
    private let perform: @Sendable (@escaping @Sendable () -> Void) -> Void

    init(_ perform: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.perform = perform
    }

    func execute(work: BackhaulGenerated.DelegateWork) {
        perform { work.run() }
    }
}
