package dev.backhaul.android

import dev.backhaul.Destination
import dev.backhaul.TaskInfo
import dev.backhaul.TaskState
import dev.backhaul.WaitReason
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

class TransferSumTest {
    private fun task(
        state: TaskState,
        received: Long = 0,
        total: Long? = 100,
    ) = TaskInfo(
        id = 1,
        callerId = null,
        metadata = null,
        group = null,
        url = "https://example.com/a",
        destination = Destination.container("a"),
        state = state,
        priority = 0.5f,
        received = received,
        total = total,
        deadline = null,
        error = null,
        sequence = null,
    )

    // rule E2
    @Test
    fun `the total is known when every length is`() {
        val known = TransferSum.of(listOf(task(TaskState.Transferring, 30), task(TaskState.Completed, 100)))
        assertEquals(130, known.received)
        assertEquals(200, known.total)
        assertEquals(1, known.ended)
        assertEquals(2, known.count)
        assertNull(TransferSum.of(listOf(task(TaskState.Transferring, total = null), task(TaskState.Completed))).total)
    }

    // rule P1
    @Test
    fun `it waits when nothing moves that is left`() {
        val waits = task(TaskState.Waiting(WaitReason.Connectivity))
        assertTrue(TransferSum.of(listOf(waits, task(TaskState.Completed))).isWaiting)
        assertFalse(TransferSum.of(listOf(waits, task(TaskState.Transferring))).isWaiting)
        assertFalse(TransferSum.of(listOf(task(TaskState.Completed))).isWaiting)
        assertFalse(TransferSum.of(emptyList()).isWaiting)
    }

    // rule W3
    @Test
    fun `run time is of no use to what the app or the server's question holds back`() {
        val isUnfinished = { state: TaskState -> TransferSum.of(listOf(task(state))).isUnfinished }
        assertTrue(isUnfinished(TaskState.Transferring))
        assertTrue(isUnfinished(TaskState.Canceling))
        assertTrue(isUnfinished(TaskState.Waiting(WaitReason.RetryBackoff)))
        assertFalse(isUnfinished(TaskState.Waiting(WaitReason.Authentication)))
        assertFalse(isUnfinished(TaskState.Suspended))
        assertFalse(isUnfinished(TaskState.Completed))
    }
}
