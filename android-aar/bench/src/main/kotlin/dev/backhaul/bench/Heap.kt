package dev.backhaul.bench

import java.lang.management.ManagementFactory
import java.lang.management.MemoryType

/** How far the heap grows above what is left of it after a collection now. Garbage counts until it is collected. */
internal class Heap {
    private val pools = ManagementFactory.getMemoryPoolMXBeans().filter { it.type == MemoryType.HEAP }
    private val idleBytes: Long

    init {
        System.gc()
        idleBytes = pools.sumOf { it.usage.used }
        pools.forEach { it.resetPeakUsage() }
    }

    /** The sum of the pools' peaks, which may be at different times: at least the true one. */
    fun peakAboveIdle(): Long = pools.sumOf { it.peakUsage.used } - idleBytes
}
