package dev.backhaul.testkit

import dev.backhaul.NativeLibrary
import dev.backhaul.TransferException
import dev.backhaul.calling
import dev.backhaul.ffi.ScenarioHost
import dev.backhaul.ffi.playScenario
import dev.backhaul.ffi.ScenarioOutcome as GeneratedOutcome

/**
 * How a scenario went.
 *
 * @property name its name.
 * @property isRight everything was as expected, and no promise was broken.
 * @property report what went wrong, a line each, with its place.
 * @property log everything that happened: one JSON object a line. The same scenario gives the same bytes.
 */
public data class ScenarioOutcome(
    public val name: String,
    public val isRight: Boolean,
    public val report: String,
    public val log: String,
)

/** Stories of a simulated day, as small files that every language plays. */
public object Scenario {
    /**
     * Plays a scenario on a simulated phone with the library's own app, on the caller's thread.
     *
     * @throws TransferException.InvalidRequest with its place in the text, for a mistake in the scenario.
     */
    @JvmStatic
    @Throws(TransferException::class)
    public fun play(json: String): ScenarioOutcome = playWith(json, null)

    /** As [play], with an app in Kotlin. */
    internal fun playWith(
        json: String,
        host: ScenarioHost?,
    ): ScenarioOutcome {
        NativeLibrary.load()
        return calling { playScenario(json, host).imported() }
    }
}

private fun GeneratedOutcome.imported() = ScenarioOutcome(name, isRight, report, log)
