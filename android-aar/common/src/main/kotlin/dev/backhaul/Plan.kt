package dev.backhaul

/**
 * Tasks that come after each other, made in one commit (rule L6). It advances without the app being alive to say so,
 * and a step that fails fails those after it.
 *
 * ```kotlin
 * val plan = Plan()
 * val index = plan.add(Request(indexUrl))
 * plan.add(Request(tilesUrl), index)
 * session.enqueue(plan)
 * ```
 *
 * Not thread-safe.
 */
public class Plan {
    /** A step's place in its plan. */
    public class Step internal constructor(
        internal val plan: Plan,
        internal val place: Int,
    )

    private val steps = mutableListOf<GeneratedPlanStep>()

    /**
     * Adds a step that begins when all of [earlier] have succeeded.
     *
     * @throws TransferException.InvalidRequest for a step of another plan, or a request with a negative length.
     */
    @Throws(TransferException::class)
    public fun add(
        request: Request,
        vararg earlier: Step,
    ): Step {
        if (earlier.any { it.plan !== this }) throw invalidRequest("a step of another plan cannot be waited for")
        steps += GeneratedPlanStep(request.exported(), earlier.map { it.place.toUInt() })
        return Step(this, steps.lastIndex)
    }

    internal fun exported(): List<GeneratedPlanStep> = steps.toList()
}
