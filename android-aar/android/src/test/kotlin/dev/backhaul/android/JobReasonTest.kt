package dev.backhaul.android

import android.app.job.JobParameters
import android.app.job.JobScheduler
import dev.backhaul.WaitReason
import java.lang.reflect.Modifier
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull

/** Every reason that the platform has is one of ours. */
class JobReasonTest {
    /** The platform's constants that begin so. */
    private inline fun <reified T> constants(prefix: String): Map<String, Int> =
        T::class.java.fields
            .filter { Modifier.isStatic(it.modifiers) && it.name.startsWith(prefix) }
            .associate { it.name.removePrefix(prefix) to it.getInt(null) }

    // rule P1
    @Test
    fun `each reason to stop a job has a name here`() {
        val stops = constants<JobParameters>("STOP_REASON_").mapValues { JobReason.ofStop(it.value) }
        assertEquals(16, stops.size)
        val unnamed = stops.filterValues { it == JobReason.UNDEFINED }
        assertEquals(setOf("UNDEFINED"), unnamed.keys)
        assertEquals(JobReason.UNDEFINED, JobReason.ofStop(-5))
        assertEquals(JobReason.TIMEOUT, JobReason.ofStop(16), "of Android 16")
        assertEquals(JobReason.QUOTA, stops["QUOTA"])
        assertEquals(WaitReason.Connectivity, stops.getValue("CONSTRAINT_CONNECTIVITY").waitReason)
        assertEquals(WaitReason.Storage, stops.getValue("CONSTRAINT_STORAGE_NOT_LOW").waitReason)
        assertEquals(WaitReason.LowPower, stops.getValue("CONSTRAINT_BATTERY_NOT_LOW").waitReason)
        assertEquals(WaitReason.Suspended, stops.getValue("USER").waitReason)
        assertEquals(WaitReason.WakeBudget, stops.getValue("TIMEOUT").waitReason)
    }

    // rule P1
    @Test
    fun `each reason that holds a job back has a name here`() {
        val held = constants<JobScheduler>("PENDING_JOB_REASON_").mapValues { JobReason.ofPending(it.value) }
        assertEquals(18, held.size)
        // We trigger on no content.
        val unnamed = held.filterValues { it == JobReason.UNDEFINED }
        assertEquals(setOf("UNDEFINED", "CONSTRAINT_CONTENT_TRIGGER"), unnamed.keys)
        assertNull(held["EXECUTING"])
        assertNull(held["INVALID_JOB_ID"])
        assertEquals(JobReason.UNDEFINED, JobReason.ofPending(99))
        assertEquals(WaitReason.EarliestBeginDate, held["CONSTRAINT_MINIMUM_LATENCY"]?.waitReason)
        assertEquals(WaitReason.Discretionary, held["CONSTRAINT_CHARGING"]?.waitReason)
    }
}
