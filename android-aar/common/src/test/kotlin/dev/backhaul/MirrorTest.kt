package dev.backhaul

import dev.backhaul.ffi.ErrorInfo
import dev.backhaul.ffi.ErrorKind
import dev.backhaul.ffi.idealConditions
import dev.backhaul.ffi.waitReasonName
import org.junit.jupiter.api.Test
import kotlin.enums.EnumEntries
import kotlin.enums.enumEntries
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class MirrorTest {
    private inline fun <reified Ours : Enum<Ours>, reified Generated : Enum<Generated>> assertMirrored() {
        val names: (EnumEntries<*>) -> List<String> = { entries -> entries.map { it.name } }
        assertEquals(names(enumEntries<Generated>()), names(enumEntries<Ours>()))
    }

    @Test
    fun `every list has the values of the library`() {
        // rule P1
        assertMirrored<Network, dev.backhaul.ffi.Network>()
        assertMirrored<ThermalState, dev.backhaul.ffi.ThermalState>()
        assertMirrored<AppState, dev.backhaul.ffi.AppState>()
        assertMirrored<StandbyBucket, dev.backhaul.ffi.StandbyBucket>()
        assertMirrored<StatusPolicy, dev.backhaul.ffi.StatusPolicy>()
        assertMirrored<ResumePolicy, dev.backhaul.ffi.ResumePolicy>()
        assertMirrored<DeliveryPolicy, dev.backhaul.ffi.DeliveryPolicy>()
        assertMirrored<ForceQuitPolicy, dev.backhaul.ffi.ForceQuitPolicy>()
        assertMirrored<PreviousExit, dev.backhaul.ffi.PreviousExit>()
        assertMirrored<FileProtection, dev.backhaul.ffi.FileProtection>()
        assertMirrored<LargeTransfers, dev.backhaul.ffi.LargeTransfers>()
        assertMirrored<RestartReason, dev.backhaul.ffi.RestartReason>()
        assertMirrored<LogLevel, dev.backhaul.ffi.LogLevel>()
        assertMirrored<Digest.Algorithm, dev.backhaul.ffi.DigestAlgorithm>()
    }

    @Test
    fun `every kind of error has a class of its own`() {
        // rule E3
        val classes =
            ErrorKind.entries.map { kind ->
                val error = ErrorInfo(kind, kind.name.lowercase(), "a reason", false, null, null).toException()
                assertEquals(kind.name.replace("_", "").lowercase(), error::class.simpleName?.lowercase())
                assertEquals("a reason", error.message)
                error::class
            }
        assertEquals(TransferException::class.java.declaredClasses.toSet(), classes.map { it.java }.toSet())
    }

    @Test
    fun `every reason to wait has the library's name and says what would end it`() {
        // rule P1
        for (reason in GeneratedWaitReason.entries) {
            val ours = reason.imported()
            assertEquals(waitReasonName(reason), ours.name)
            assertEquals(reason, ours.exported())
            assertTrue(ours.unblockedBy.isNotEmpty())
        }
        assertEquals(GeneratedWaitReason.entries.size, WaitReason.entries.toSet().size)
    }

    @Test
    fun `what is not said of the conditions is ideal`() {
        // rule P1
        NativeLibrary.load()
        assertEquals(idealConditions(), SystemConditions().exported())
        val worst =
            SystemConditions(
                Network.CELLULAR,
                isExpensive = true,
                isConstrained = true,
                isCaptive = true,
                isCharging = false,
                batteryPercent = 5,
                isLowPower = true,
                thermal = ThermalState.CRITICAL,
                isStorageLow = true,
                appState = AppState.NOT_RUNNING,
                isDataSaver = true,
                standbyBucket = StandbyBucket.RESTRICTED,
                isProtectedDataAvailable = false,
            )
        assertEquals(worst, worst.exported().imported())
    }

    @Test
    fun `a URL suggests a name for its file`() {
        // rule T4
        assertEquals("alps map.zip", Request.suggestedFilename("https://example.com/maps/alps%20map.zip?x=1"))
        assertEquals(null, Request.suggestedFilename("https://example.com/"))
    }
}
