package dev.backhaul.bench

import dev.backhaul.Destination
import dev.backhaul.Request
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.SessionDelegate
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import okio.FileSystem
import okio.Path.Companion.toOkioPath
import okio.buffer
import java.nio.channels.FileChannel
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import kotlin.time.Duration
import kotlin.time.measureTime
import okhttp3.Request as HttpRequest

/**
 * Downloads `URL` to `FOLDER/file` and prints what that took: `backhaul URL FOLDER [FIRST_URL]`, `okhttp URL FOLDER`, or
 * `okhttp-sync URL FOLDER`, which makes the file durable as ours is. `FIRST_URL` is downloaded before the clock starts:
 * then the classes are loaded, as they are in an app that runs.
 */
fun main(arguments: Array<String>) {
    val (how, url) = arguments
    val folder = Path.of(arguments[2]).toAbsolutePath()
    when (how) {
        "backhaul" -> backhaul(url, folder, arguments.getOrNull(3))
        "okhttp" -> okhttp(url, folder) {}
        "okhttp-sync" -> okhttp(url, folder, ::sync)
        else -> error("no way of downloading is called $how")
    }
}

private fun backhaul(
    url: String,
    folder: Path,
    firstUrl: String?,
) {
    val configuration = SessionConfiguration.background("bench")
    configuration.container = folder.resolve("root")
    configuration.baseDirectories = mapOf("folder" to folder)
    configuration.plainHttpHosts = setOf("127.0.0.1")
    configuration.isDiscretionary = false
    Session(configuration, object : SessionDelegate {}).use { session ->
        if (firstUrl != null) runBlocking { session.download(Request(firstUrl)) }
        report { runBlocking { session.download(Request(url, destination = Destination("folder", "file"))) } }
    }
}

private fun okhttp(
    url: String,
    folder: Path,
    finish: (Path) -> Unit,
) {
    val client = OkHttpClient()
    val file = folder.resolve("file")
    report {
        client.newCall(HttpRequest.Builder().url(url).build()).execute().use { response ->
            check(response.isSuccessful) { "the server answered ${response.code}" }
            FileSystem.SYSTEM
                .sink(file.toOkioPath())
                .buffer()
                .use { it.writeAll(response.body.source()) }
        }
        finish(file)
    }
}

private fun sync(file: Path) {
    FileChannel.open(file, StandardOpenOption.WRITE).use { it.force(true) }
}

/** Time, and the heap above that of before. */
private fun report(work: () -> Unit) {
    val heap = Heap()
    val took: Duration = measureTime(work)
    println("{\"seconds\": ${took.inWholeMicroseconds / 1e6}, \"heap_mb\": ${heap.peakAboveIdle() / 1e6}}")
}
