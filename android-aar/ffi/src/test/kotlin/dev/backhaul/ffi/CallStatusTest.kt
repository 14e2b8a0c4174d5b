package dev.backhaul.ffi

import com.sun.jna.Memory
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull

class CallStatusTest {
    private val statuses = CallStatuses.ofThisThread

    @Test
    fun `calls in one another have places of their own`() {
        val outer = statuses.push()
        val inner = statuses.push()
        assertNotEquals(outer, inner)
        statuses.pop()
        assertEquals(inner, statuses.push())
        statuses.pop()
        statuses.pop()
    }

    @Test
    fun `a place says nothing of the call before`() {
        val before = statuses.push()
        CallStatus.write(before, UNIFFI_CALL_ERROR, RustBuffer.create(3u, 2u, Memory(3)))
        assertNotNull(CallStatus.ofFailure(before))
        statuses.pop()
        assertNull(CallStatus.ofFailure(statuses.push()))
        statuses.pop()
    }

    @Test
    fun `what is written is read`() {
        val place = statuses.push()
        val bytes = Memory(3)
        CallStatus.write(place, UNIFFI_CALL_UNEXPECTED_ERROR, RustBuffer.create(3u, 2u, bytes))
        val read = assertNotNull(CallStatus.ofFailure(place))
        assertEquals(true, read.isPanic())
        assertEquals(listOf(3L, 2L), listOf(read.error_buf.capacity, read.error_buf.len))
        assertEquals(bytes.share(0), read.error_buf.data)
        statuses.pop()
    }

    @Test
    fun `a call that fails gives its place back`() {
        // rule C2
        CallbackThreads.attach()
        val before = statuses.push()
        statuses.pop()
        repeat(3) {
            assertFailsWith<BackhaulException> { Inspector.open("/nowhere", null) }
        }
        assertEquals(before, statuses.push())
        statuses.pop()
    }
}
