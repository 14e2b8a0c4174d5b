package dev.backhaul.ffi

import com.sun.jna.Memory
import com.sun.jna.Pointer

/** How a call ended, as it lies in memory. */
internal class CallStatus private constructor(
    memory: Pointer,
) : UniffiRustCallStatus() {
    init {
        useMemory(memory)
    }

    companion object {
        /** What a call has written there, unless it went well. */
        fun ofFailure(memory: Pointer): CallStatus? =
            if (memory.getByte(0) == UNIFFI_CALL_SUCCESS) null else CallStatus(memory).apply { read() }

        /** Says there that a call of the library's failed. */
        fun write(
            memory: Pointer,
            code: Byte,
            error: RustBuffer.ByValue,
        ) {
            val status = CallStatus(memory)
            status.code = code
            status.error_buf = error
            status.write()
        }
    }
}

/**
 * Where the calls of one thread have their status: as many places as calls are in one another at the most. JNA would
 * make and clean up two structures for every call, which takes most of its time; this one writes a byte and reads it.
 */
internal class CallStatuses private constructor() {
    private val places = ArrayList<Pointer>()
    private var depth = 0

    /** A place for a call that begins; so far it goes well. */
    fun push(): Pointer {
        if (depth == places.size) places += Memory(BYTES)
        val place = places[depth]
        depth += 1
        place.setByte(0, UNIFFI_CALL_SUCCESS)
        return place
    }

    /** The call that began last is over. */
    fun pop() {
        depth -= 1
    }

    companion object {
        private val BYTES = UniffiRustCallStatus().size().toLong()
        private val ofThreads = ThreadLocal.withInitial(::CallStatuses)

        val ofThisThread: CallStatuses get() = ofThreads.get()
    }
}

/** Calls the library with a place for how that ends, and [check]s it unless it ended well. */
internal inline fun <R> withCallStatus(
    call: (Pointer) -> R,
    check: (CallStatus) -> Unit,
): R {
    val statuses = CallStatuses.ofThisThread
    val place = statuses.push()
    try {
        val result = call(place)
        CallStatus.ofFailure(place)?.let(check)
        return result
    } finally {
        statuses.pop()
    }
}
