package dev.backhaul

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import org.junit.jupiter.api.Test
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.test.assertEquals

/**
 * The public API as it is checked in. A change of it is a decision: `-Dbackhaul.api=write` writes the file anew, and its
 * difference is read.
 */
class PublicApiTest {
    private val checkedIn = Path.of("api", "backhaul.api")

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

    @Test
    fun `the public API is the one that is checked in`() {
        // rule E3
        val dump = dump()
        if (System.getProperty("backhaul.api") == "write") checkedIn.writeText(dump)
        assertEquals(checkedIn.readText(), dump, "see the comment of PublicApiTest")
    }

    @Test
    fun `no generated and no unsigned type is in the public API`() {
        // rule E3
        val foreign = Regex("dev/backhaul/ffi|kotlin/U(Int|Long|Short|Byte)")
        // What is synthetic no compiler lets anybody call.
        val lines = dump().lineSequence().filter { " synthetic " !in it && foreign.containsMatchIn(it) }
        assertEquals(emptyList(), lines.toList())
    }
}
