package dev.backhaul

import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.milliseconds

/** A small app in a process of its own, for tests that kill it: `WHAT CONTAINER [URL]`. */
fun main(arguments: Array<String>) {
    val (what, container) = arguments
    val configuration =
        try {
            configuration(Path.of(container))
        } catch (other: TransferException) {
            throw IllegalArgumentException(other)
        }
    when (what) {
        "download" -> download(configuration, arguments[2])
        "die in didFinishDownloadingTo" -> download(configuration, arguments[2], diesAtTheEnd = true)
        "leave open" -> leaveOpen(configuration, arguments[2])
        "load" -> load(configuration)
    }
}

private fun configuration(container: Path): BackgroundConfiguration =
    SessionConfiguration.background("test").also {
        it.container = container
        it.isDiscretionary = false
        it.plainHttpHosts = setOf("127.0.0.1")
        it.retryPolicy = RetryPolicy(20.milliseconds, 200.milliseconds)
    }

private fun say(line: String) {
    println(line)
    System.out.flush()
}

/** Says what it is told. */
private class Speaker(
    private val diesAtTheEnd: Boolean,
) : SessionDelegate {
    override fun didWriteData(
        task: TaskInfo,
        progress: Progress,
    ) = say("progress ${progress.received}")

    override fun didResumeAtOffset(
        task: TaskInfo,
        offset: Long,
        expectedTotalBytes: Long?,
    ) = say("resumed at $offset")

    override fun didFinishDownloadingTo(
        task: TaskInfo,
        file: DownloadedFile,
    ) {
        if (diesAtTheEnd) {
            say("dying")
            Runtime.getRuntime().halt(9)
        }
        say("finished ${file.location}")
    }
}

private fun download(
    configuration: BackgroundConfiguration,
    url: String,
    diesAtTheEnd: Boolean = false,
) = runBlocking {
    Session(configuration, Speaker(diesAtTheEnd)).use { session ->
        val task = session.enqueue(Request(url, callerId = "the file"))
        task.await()
        session.finishTasksAndInvalidate()
        session.events.collect {}
    }
}

private fun leaveOpen(
    configuration: BackgroundConfiguration,
    url: String,
) {
    val session = Session(configuration, Speaker(diesAtTheEnd = false))
    session.enqueueBlocking(Request(url))
    say("leaving")
}

private fun load(configuration: BackgroundConfiguration) {
    repeat(2) {
        try {
            Session(configuration, Speaker(diesAtTheEnd = false))
        } catch (missing: NativeLibraryException) {
            say("$missing")
        }
    }
    exitProcess(3)
}
