package dev.backhaul

import dev.backhaul.ffi.CallbackThreads
import org.junit.jupiter.api.Test
import java.io.File
import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.isDirectory
import kotlin.io.path.readBytes
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** What is only true of whole processes: that they may die, that they may end, and what they load. */
class ProcessTest {
    private companion object {
        val testClassPath: String = System.getProperty("java.class.path")
    }

    private class Jvm(
        arguments: List<String>,
        classPath: String = testClassPath,
        options: List<String> = emptyList(),
    ) : AutoCloseable {
        private val program = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        private val process =
            ProcessBuilder(listOf(program) + options + listOf("-cp", classPath, "dev.backhaul.HostKt") + arguments)
                .redirectErrorStream(true)
                .start()
        private val output = process.inputReader()

        /** Reads until a line begins so. */
        fun awaitLine(start: String): String {
            val seen = mutableListOf<String>()
            while (true) {
                val line = output.readLine() ?: error("ended without a line \"$start\": $seen")
                if (line.startsWith(start)) return line
                seen += line
            }
        }

        /** Waits for its end; the exit code and what is left of its output. */
        fun end(): Pair<Int, String> {
            val rest = output.readText()
            check(process.waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)) { "still running" }
            return process.exitValue() to rest
        }

        /** As `kill -9`. */
        fun kill() {
            process.destroyForcibly().waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
        }

        override fun close() = kill()
    }

    @Test
    fun `a process that is killed again and again gets its file, once and whole`() =
        withFixture { fixture ->
            // rule S7
            val url = fixture.serve("a", 4_000_000, "rate=2000000")
            val arguments = listOf("download", fixture.container.toString(), url)
            repeat(3) {
                Jvm(arguments).use { jvm ->
                    jvm.awaitLine("progress")
                    jvm.kill()
                }
            }
            Jvm(arguments).use { jvm ->
                assertTrue(jvm.awaitLine("resumed at").removePrefix("resumed at ").toLong() > 0)
                val file = Path.of(jvm.awaitLine("finished").removePrefix("finished "))
                assertEquals(0, jvm.end().first)
                assertContentEquals(fixture.bytes("a"), file.readBytes())
            }
            // Told once: the next launch has nothing to tell.
            Session(fixture.background(), Recorder()).use { assertEquals(0, it.status.undelivered) }
        }

    @Test
    fun `a process that dies in the delegate's call is told again`() =
        withFixture { fixture ->
            // rule D4
            val arguments = listOf("die in didFinishDownloadingTo", fixture.container.toString(), fixture.serve("a"))
            Jvm(arguments).use { jvm ->
                jvm.awaitLine("dying")
                jvm.end()
            }
            val recorder = Recorder()
            Session(fixture.background(), recorder).use {
                recorder.awaitEnds()
                assertEquals(1, recorder.events.count { it is SessionEvent.DownloadFinished })
            }
        }

    @Test
    fun `the JVM exits although sessions are open`() =
        withFixture { fixture ->
            // rule S7
            val url = fixture.serve("a", 50_000_000, "rate=100000")
            Jvm(listOf("leave open", fixture.container.toString(), url)).use { jvm ->
                jvm.awaitLine("leaving")
                assertEquals(0, jvm.end().first)
            }
            Session(fixture.background(), Recorder()).use { assertEquals(1, it.tasks().size) }
        }

    @Test
    fun `a missing library is named, with its platform and how it is built`() =
        withFixture { fixture ->
            // rule E3
            val (code, output) =
                Jvm(
                    listOf("load", fixture.container.toString()),
                    withoutLibrary(fixture.container),
                ).use {
                    it.end()
                }
            assertEquals(3, code, output)
            val platform = com.sun.jna.Platform.RESOURCE_PREFIX
            val file = System.mapLibraryName("backhaul_ffi")
            assertTrue("NativeLibraryException: $file for $platform is" in output, output)
            assertTrue("android-aar/build-host-native" in output, output)
            assertTrue("cargo build --release -p backhaul-ffi" in output, output)
            // The second attempt says the same, not that a class could not be initialised.
            assertEquals(2, output.lineSequence().count { "NativeLibraryException" in it }, output)
        }

    @Test
    fun `a library of another version is told from a missing one`() =
        withFixture { fixture ->
            // rule E3
            val options = listOf("-Duniffi.component.backhaul_ffi.libraryOverride=c")
            val (code, output) = Jvm(listOf("load", fixture.container.toString()), options = options).use { it.end() }
            assertEquals(3, code, output)
            assertTrue("is of another version than this jar" in output, output)
            assertTrue("bindings/generate" in output, output)
            assertFalse("neither on the class path" in output, output)
        }

    /** The class path with everything but the native library. */
    private fun withoutLibrary(folder: Path): String {
        val entries = testClassPath.split(File.pathSeparatorChar).map(Path::of)
        val ffi =
            Path.of(
                CallbackThreads::class.java.protectionDomain.codeSource.location
                    .toURI(),
            )
        val classes = folder.resolve("classes")
        if (ffi.isDirectory()) {
            copyClasses(ffi, classes)
        } else {
            FileSystems.newFileSystem(ffi).use { copyClasses(it.getPath("/"), classes) }
        }
        return entries.filter { it != ffi }.plusElement(classes).joinToString(File.pathSeparator)
    }

    private fun copyClasses(
        from: Path,
        to: Path,
    ) {
        for (source in Files.walk(from.resolve("dev"))) {
            val target = to.resolve(from.relativize(source).toString())
            if (source.isDirectory()) target.createDirectories() else source.copyTo(target)
        }
    }
}
