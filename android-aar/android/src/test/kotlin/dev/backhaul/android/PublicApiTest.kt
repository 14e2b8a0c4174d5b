package dev.backhaul.android

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.test.Test
import kotlin.test.assertEquals

/**
 * The public API as it is checked in. A change of it is a decision: `-Dbackhaul.api=write` writes the file anew, and its
 * difference is read.
 */
class PublicApiTest {
    private val checkedIn = Path.of("api", "backhaul-android.api")

    private fun dump(): String {
        val classes =
            Path
                .of("target", "classes")
                .toFile()
                .walk()
                .filter { it.extension == "class" }
        val filters = AbiFilters(emptySet(), emptySet(), emptySet(), emptySet())
        return buildString { AbiTools.getInstance().printJvmDump(this, classes.asIterable(), filters) }
    }

    // rule E3
    @Test
    fun `the public API is the one that is checked in`() {
        val dump = dump()
        if (System.getProperty("backhaul.api") == "write") checkedIn.writeText(dump)
        assertEquals(checkedIn.readText(), dump, "see the comment of PublicApiTest")
    }

    // rule E3
    @Test
    fun `no generated and no unsigned type is in the public API`() {
        val foreign = Regex("dev/backhaul/ffi|kotlin/U(Int|Long|Short|Byte)")
        // What is synthetic no compiler lets anybody call.
        val lines = dump().lineSequence().filter { " synthetic " !in it && foreign.containsMatchIn(it) }
        assertEquals(emptyList(), lines.toList())
    }
}
