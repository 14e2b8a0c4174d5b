package dev.backhaul.bench

import dev.backhaul.Request
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import dev.backhaul.TaskInfo
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

private const val CALLS = 2_000
private const val ROUNDS = 20

/** The most tasks of one call that a delegate is told one by one. */
private const val TASKS = 256
private const val PATIENCE_S = 60L

/** Prints what one crossing takes, in microseconds: `FOLDER`. The median of rounds, of which the first ones warm up. */
fun main(arguments: Array<String>) {
    val delegate = Clock()
    val configuration = SessionConfiguration.background("bench")
    configuration.container = Path.of(arguments[0]).toAbsolutePath().resolve("root")
    configuration.plainHttpHosts = setOf("127.0.0.1")
    Session(configuration, delegate).use { session ->
        val call = medianOf(List(ROUNDS) { call(session) })
        val callback = medianOf(List(ROUNDS) { callback(session, delegate, it) })
        println("{\"call_us\": $call, \"callback_us\": $callback}")
        session.invalidateAndCancel()
    }
}

/** Into the library, and back with a string. */
private fun call(session: Session): Double {
    val began = System.nanoTime()
    repeat(CALLS) { checkNotNull(session.identifier) }
    return (System.nanoTime() - began) / 1e3 / CALLS
}

/**
 * From a thread of the library to a delegate, with all that is known of a task. The time from one call to the next:
 * what the library does in between counts, too.
 */
private fun callback(
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
        times[count++] = System.nanoTime()
        if (count == TASKS) told.countDown()
    }
}

private fun medianOf(numbers: List<Double>): Double = numbers.sorted()[numbers.size / 2]
