internal import BackhaulGenerated

/// Tasks that come after each other, made in one commit (rule L6). It advances without the app being alive to say
/// so, and a step that fails fails those after it.
///
/// ```swift
/// var plan = Plan()
/// let index = plan.add(Request(url: indexURL))
/// plan.add(Request(url: tilesURL), after: [index])
/// try session.enqueue(plan)
/// ```
public struct Plan: Sendable, Hashable {
    /// A step's place in its plan.
    public struct Step: Sendable, Hashable {
        fileprivate let place: UInt32
    }

    private struct Entry: Sendable, Hashable {
        let request: Request
        let after: [UInt32]
    }

    private var entries: [Entry] = []

    /// A plan without steps.
    public init() {}

    /// Adds a step that begins when all of `earlier`, which were added before, have succeeded.
    @discardableResult
    public mutating func add(_ request: Request, after earlier: [Step] = []) -> Step {
        entries.append(Entry(request: request, after: earlier.map(\.place)))
        return Step(place: UInt32(clamping: entries.count - 1))
    }

    var generated: [BackhaulGenerated.PlanStep] {
        entries.map { BackhaulGenerated.PlanStep(request: $0.request.generated, after: $0.after) }
    }
}
