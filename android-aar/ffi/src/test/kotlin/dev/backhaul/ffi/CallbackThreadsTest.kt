package dev.backhaul.ffi

import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class CallbackThreadsTest {
    /** The generated objects that the library calls, by the names of their class files. */
    private fun generated(): Set<String> =
        Path
            .of("target", "classes", "dev", "backhaul", "ffi")
            .also { check(Files.isDirectory(it)) }
            .listDirectoryEntries("uniffiCallbackInterface*.class")
            .map { it.fileName.toString().removeSuffix(".class") }
            .filter { '$' !in it }
            .map { it.removePrefix("uniffiCallbackInterface") }
            .toSet()

    @Test
    fun `every foreign trait has its threads set up`() {
        // rule L2
        val known =
            CallbackThreads.vtables.map {
                it.javaClass.superclass.simpleName
                    .removePrefix("UniffiVTableCallbackInterface")
            }
        assertEquals(generated(), known.toSet())
    }

    @Test
    fun `every function of a foreign trait is found`() {
        // rule L2
        for (vtable in CallbackThreads.vtables) {
            val declared = vtable.javaClass.superclass.declaredFields.size
            assertTrue(declared >= 3, "$vtable")
        }
        val functions = CallbackThreads.vtables.sumOf { it.javaClass.superclass.declaredFields.size }
        assertEquals(functions + 1, CallbackThreads.callbacks.size)
    }

    @Test
    fun `attaching again does nothing`() {
        // rule L2
        repeat(2) { CallbackThreads.attach() }
    }
}
