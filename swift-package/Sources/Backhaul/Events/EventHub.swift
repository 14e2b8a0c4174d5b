/// Hands on what the delegate is told to whoever iterates or waits. Readers are told after the delegate was.
final class EventHub: Sendable {
    /// How a task ended.
    typealias Outcome = Result<DownloadedFile, BackhaulError>

    private struct State {
        var nextID: UInt64 = 0
        var events: [UInt64: Channel<SessionEvent>] = [:]
        var progress: [Int64: [UInt64: Channel<DownloadTask.Progress>]] = [:]
        var outcomes: [Int64: [UInt64: Channel<Outcome>]] = [:]
        /// The files of tasks whose last call has not come yet.
        var files: [Int64: DownloadedFile] = [:]
        var isFinished = false

        mutating func newID() -> UInt64 {
            nextID += 1
            return nextID
        }
    }

    private let state = Guarded(State())

    /// Everything from now on.
    func events(limit: Int) -> Subscription<SessionEvent> {
        let channel = Channel(limit: limit, merge: SessionEvent.merged) { .missed($0) }
        let id = register(channel) { state, id in state.events[id] = channel }
        return Subscription(channel) { [weak self] in
            self?.state.withLock { $0.events[id] = nil }
        }
    }

    /// One task's progress from now on. A reader that is slow gets the newest only.
    func progress(of task: Int64) -> Subscription<DownloadTask.Progress> {
        let channel = Channel<DownloadTask.Progress>(
            limit: 1,
            merge: { last, next in last.merged(with: next) },
            noteMissed: { _ in nil }
        )
        let id = register(channel) { state, id in state.progress[task, default: [:]][id] = channel }
        return Subscription(channel) { [weak self] in
            self?.state.withLock { $0.progress.remove(id, of: task) }
        }
    }

    /// One task's end, if it comes from now on.
    func outcome(of task: Int64) -> Subscription<Outcome> {
        let channel = Channel<Outcome>(limit: 1, merge: { _, _ in nil }, noteMissed: { _ in nil })
        let id = register(channel) { state, id in state.outcomes[task, default: [:]][id] = channel }
        return Subscription(channel) { [weak self] in
            self?.state.withLock { $0.outcomes.remove(id, of: task) }
        }
    }

    func publish(_ event: SessionEvent) {
        let events = state.withLock { Array($0.events.values) }
        for channel in events { channel.send(event) }
        switch event {
        case .progressed(let task, let progress):
            let channels = state.withLock { $0.progress[task.id]?.values.map { $0 } ?? [] }
            for channel in channels { channel.send(progress) }
        case .finished(let task, let file):
            state.withLock { $0.files[task.id] = file }
        case .completed(let task, let error):
            let file = state.withLock { $0.files[task.id] }
            complete(task.id, outcome: error.map { .failure($0) } ?? file.map { .success($0) })
        case .becameInvalid:
            finish()
        default:
            break
        }
    }

    /// The session has ended: nothing more comes.
    func finish() {
        let ended = state.withLock { state in
            defer {
                state = State()
                state.isFinished = true
            }
            return state
        }
        for channel in ended.events.values { channel.finish() }
        for channel in ended.progress.values.flatMap(\.values) { channel.finish() }
        for channel in ended.outcomes.values.flatMap(\.values) { channel.finish() }
    }

    /// A task has ended, and what is left to tell of it is told at the next launch.
    func abandon(_ task: Int64) {
        complete(task, outcome: nil)
    }

    private func complete(_ task: Int64, outcome: Outcome?) {
        let (outcomes, progress) = state.withLock { state in
            state.files[task] = nil
            return (
                state.outcomes.removeValue(forKey: task) ?? [:],
                state.progress.removeValue(forKey: task) ?? [:]
            )
        }
        for channel in progress.values { channel.finish() }
        for channel in outcomes.values {
            if let outcome { channel.send(outcome) }
            channel.finish()
        }
    }

    private func register<Element>(
        _ channel: Channel<Element>,
        _ insert: (inout State, UInt64) -> Void
    ) -> UInt64 {
        let (id, isFinished) = state.withLock { state in
            let id = state.newID()
            if !state.isFinished { insert(&state, id) }
            return (id, state.isFinished)
        }
        if isFinished { channel.finish() }
        return id
    }
}

extension Dictionary {
    /// Removes one reader, and the task's entry with its last one.
    fileprivate mutating func remove<Reader>(_ id: UInt64, of task: Key) where Value == [UInt64: Reader] {
        self[task]?[id] = nil
        if self[task]?.isEmpty == true { self[task] = nil }
    }
}
