package dev.backhaul

import dev.backhaul.ffi.DigestAlgorithm

/**
 * The digest that a finished file must have (rule H6). Checked when a task is made with it.
 *
 * @property algorithm by which algorithm.
 * @property hex its hex digits, in either case.
 */
public data class Digest(
    public val algorithm: Algorithm,
    public val hex: String,
) {
    /** How it is computed. */
    public enum class Algorithm {
        /** SHA-256. */
        SHA256,

        /** SHA-512. */
        SHA512,
    }

    public companion object {
        /** A SHA-256 of 64 hex digits. */
        @JvmStatic
        public fun sha256(hex: String): Digest = Digest(Algorithm.SHA256, hex)

        /** A SHA-512 of 128 hex digits. */
        @JvmStatic
        public fun sha512(hex: String): Digest = Digest(Algorithm.SHA512, hex)
    }
}

internal fun Digest.exported() =
    GeneratedDigest(
        when (algorithm) {
            Digest.Algorithm.SHA256 -> DigestAlgorithm.SHA256
            Digest.Algorithm.SHA512 -> DigestAlgorithm.SHA512
        },
        hex,
    )

internal fun GeneratedDigest.imported() =
    when (algorithm) {
        DigestAlgorithm.SHA256 -> Digest.sha256(hex)
        DigestAlgorithm.SHA512 -> Digest.sha512(hex)
    }
