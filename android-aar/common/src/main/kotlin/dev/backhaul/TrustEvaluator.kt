package dev.backhaul

import dev.backhaul.ffi.TrustVerdict as GeneratedTrustVerdict

/** What an evaluator says of a server's certificates. */
public sealed class TrustVerdict {
    /** The platform's store decides, with the session's root certificates. */
    public data object PerformDefaultHandling : TrustVerdict()

    /** The evaluator itself has verified the chain. */
    public data object Trusted : TrustVerdict()

    /**
     * No, and nothing overrules it.
     *
     * @property reason why, for the error's message.
     */
    public data class Refused(
        public val reason: String,
    ) : TrustVerdict()
}

/**
 * Evaluates the certificates of a TLS server (rule T6), in each handshake, on the thread that carries the transfers:
 * within milliseconds, and without calling a session. One that throws refuses.
 */
public fun interface TrustEvaluator {
    /** Judges [chain], DER certificates with the server's own first, for the server called [host]. */
    public fun evaluate(
        host: String,
        chain: List<ByteArray>,
    ): TrustVerdict
}

internal class TrustEvaluatorAdapter(
    private val evaluator: TrustEvaluator,
) : GeneratedTrustEvaluator {
    override fun evaluate(
        host: String,
        chain: List<ByteArray>,
    ): GeneratedTrustVerdict =
        when (val verdict = guarded { evaluator.evaluate(host, chain) }) {
            TrustVerdict.PerformDefaultHandling -> GeneratedTrustVerdict.PerformDefaultHandling
            TrustVerdict.Trusted -> GeneratedTrustVerdict.Trusted
            is TrustVerdict.Refused -> GeneratedTrustVerdict.Refused(verdict.reason)
        }
}
