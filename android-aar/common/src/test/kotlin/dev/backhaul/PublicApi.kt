package dev.backhaul

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.test.assertEquals

/**
 * A module's public API, and that which is checked in as `api/NAME.api` (rule E3). A change of it is a decision:
 * `-Dbackhaul.api=write` writes the file anew, and its difference is read.
 */
class PublicApi(
    name: String,
) {
    private val checkedIn = Path.of("api", "$name.api")

    private val dump: String by lazy {
        val classes =
            Path
                .of("target", "classes")
                .toFile()
                .walk()
                .filter { it.extension == "class" }
        val filters = AbiFilters(emptySet(), emptySet(), emptySet(), emptySet())
        buildString { AbiTools.getInstance().printJvmDump(this, classes.asIterable(), filters) }
    }

    fun assertIsCheckedIn() {
        if (System.getProperty("backhaul.api") == "write") checkedIn.writeText(dump)
        assertEquals(checkedIn.readText(), dump, "see the comment of PublicApi")
    }

    /** Neither a generated type is in it nor an unsigned one, which Java cannot name. */
    fun assertHasNoForeignType() {
        val foreign = Regex("dev/backhaul/ffi|kotlin/U(Int|Long|Short|Byte)")
        // What is synthetic no compiler lets anybody call.
        val lines = dump.lineSequence().filter { " synthetic " !in it && foreign.containsMatchIn(it) }
        assertEquals(emptyList(), lines.toList())
    }
}
