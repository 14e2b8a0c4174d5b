package dev.backhaul.bench

import dev.backhaul.Request
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import dev.backhaul.TaskInfo
import dev.backhaul.WakeTicket
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

private const val CALLS = 1_000
private const val ROUNDS = 30

/** The most tasks of one call that a delegate is told one by one. */
private const val TASKS = 256
private const val PATIENCE_S = 60L

/**
 * Prints what a crossing takes, in microseconds: `FOLDER`. Medians: of a round, and of the rounds, of which the first
 * ones warm up. What the JVM cleans up meanwhile on other threads is not in them.
 */
fun main(arguments: Array<String>) {
    val delegate = Clock()
    val configuration = SessionConfiguration.background("bench")
    configuration.container = Path.of(arguments[0]).toAbsolutePath().resolve("root")
    configuration.plainHttpHosts = setOf("127.0.0.1")
    Session(configuration, delegate).use { session ->
        val (calls, callbacks) = List(ROUNDS) { crossings() }.unzip()
        val told = List(ROUNDS) { delegateCalls(session, delegate, it) }
        val figures = listOf("call_us" to calls, "callback_us" to callbacks, "delegate_us" to told)
        println(figures.joinToString(prefix = "{", postfix = "}") { (name, all) -> "\"$name\": ${medianOf(all)}" })
        session.invalidateAndCancel()
    }
}

/**
 * A call into the library, and one out of it: a ticket that is given back calls the app, on the same thread; given back
 * again it does not.
 */
private fun crossings(): Pair<Double, Double> {
    val tickets = List(CALLS) { WakeTicket {} }
    val both = mutableListOf<Double>()
    val alone = mutableListOf<Double>()
    for (ticket in tickets) {
        both += microseconds { ticket.giveBack() }
        alone += microseconds { ticket.giveBack() }
    }
    tickets.forEach { it.close() }
    return medianOf(alone) to medianOf(both) - medianOf(alone)
}

private inline fun microseconds(work: () -> Unit): Double {
    val began = System.nanoTime()
    work()
    return (System.nanoTime() - began) / 1e3
}

/**
 * From a thread of the library to a delegate, with all that is known of a task. The time from one call to the next:
 * what the library does in between counts, too.
 */
private fun delegateCalls(
    session: Session,
    delegate: Clock,
    round: Int,
): Double {
    val told = delegate.expect()
    // Suspended: nothing is ever fetched.
    runBlocking { session.downloadTasks(List(TASKS) { Request("http://127.0.0.1/$round-$it") }) }
    check(told.await(PATIENCE_S, TimeUnit.SECONDS)) { "the delegate was not told of $TASKS tasks" }
    return delegate.perCall()
}

private class Clock : SessionDelegate {
    private val times = LongArray(TASKS)

    @Volatile
    private var count = 0

    @Volatile
    private var told = CountDownLatch(1)

    fun expect(): CountDownLatch {
        count = 0
        told = CountDownLatch(1)
        return told
    }

    fun perCall(): Double = medianOf(times.asList().zipWithNext { before, after -> (after - before) / 1e3 })

    override fun didCreateTask(task: TaskInfo) {
        times[count] = System.nanoTime()
        count += 1
        if (count == TASKS) told.countDown()
    }
}

private fun medianOf(numbers: List<Double>): Double = numbers.sorted()[numbers.size / 2]
