package dev.backhaul

import dev.backhaul.ffi.transferIdOf
import dev.backhaul.ffi.transferIdText

/**
 * The name of one attempt to move one task's bytes.
 *
 * @property task the task.
 * @property attempt which attempt of it.
 */
public data class TransferId(
    public val task: Long,
    public val attempt: Int,
) {
    /** The text that a platform's service may keep beside its transfer. */
    override fun toString(): String {
        NativeLibrary.load()
        return transferIdText(exported())
    }

    public companion object {
        /** The name that such a text holds, if it is one of ours. */
        @JvmStatic
        public fun parse(text: String): TransferId? {
            NativeLibrary.load()
            return transferIdOf(text)?.imported()
        }
    }
}

internal fun GeneratedTransferId.imported() = TransferId(task, attempt.toCount())

internal fun TransferId.exported() = GeneratedTransferId(task, attempt.exported("attempt"))
