package dev.backhaul

import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import javax.net.ssl.X509TrustManager

/**
 * Trusts the servers that the platform's own [X509TrustManager] trusts (rules T1, T6), under the name that their
 * certificate is for.
 *
 * On Android every session has one, and what a [TrustEvaluator] leaves to the platform it decides there: the library
 * does not reach the system's store by itself. With it go the app's network security configuration, authorities that the
 * user added if that allows them, and its pins. On a JVM it is for those who trust what Java trusts
 * (`javax.net.ssl.trustStore`) rather than what the operating system does.
 *
 * Any thread. Takes milliseconds; the first time longer, while the store is read.
 */
public class PlatformTrust internal constructor(
    private val platform: ChainJudge,
    /** Vouches for what the platform does not. */
    private val roots: ChainJudge?,
) : TrustEvaluator {
    /** Trusts whom [trustManager] trusts. */
    public constructor(trustManager: X509TrustManager) : this(judgeBy { trustManager }, null)

    /**
     * Trusts whom the platform trusts, and certificates of these authorities.
     *
     * @param rootCertificates in PEM form.
     * @throws TransferException.InvalidRequest for a root certificate that cannot be read.
     */
    @JvmOverloads
    @Throws(TransferException::class)
    public constructor(rootCertificates: List<String> = emptyList()) :
        this(judgeBy { trustManagerOf(null) }, judgeOf(rootCertificates))

    override fun evaluate(
        host: String,
        chain: List<ByteArray>,
    ): TrustVerdict =
        try {
            judge(host, parsed(chain))
            TrustVerdict.Trusted
        } catch (error: CertificateException) {
            TrustVerdict.Refused(error.message ?: "the certificate of $host is not trusted")
        }

    private fun judge(
        host: String,
        chain: List<X509Certificate>,
    ) {
        requireIssuedFor(host, chain.first())
        val refusal = platform.refusal(host, chain) ?: return
        if (roots != null && roots.refusal(host, chain) == null) return
        throw CertificateException("the platform does not trust the certificate of $host: ${wordsOf(refusal)}", refusal)
    }

    /** With what is at the bottom of it, if that is not said already. */
    private fun wordsOf(refusal: CertificateException): String {
        val words = refusal.message.orEmpty()
        val root = generateSequence<Throwable>(refusal) { it.cause }.last()
        return if (root.message.orEmpty() in words) words else "$words ($root)"
    }

    private fun ChainJudge.refusal(
        host: String,
        chain: List<X509Certificate>,
    ): CertificateException? =
        try {
            check(host, chain)
            null
        } catch (error: CertificateException) {
            error
        }

    private fun parsed(chain: List<ByteArray>): List<X509Certificate> {
        if (chain.isEmpty()) throw CertificateException("the server sent no certificate")
        val factory = CertificateFactory.getInstance("X.509")
        return chain.mapIndexed { index, der ->
            try {
                factory.generateCertificate(der.inputStream()) as X509Certificate
            } catch (error: CertificateException) {
                throw CertificateException(
                    "certificate ${index + 1} of the server cannot be read: ${error.message}",
                    error,
                )
            }
        }
    }
}

/** The platform's, for a session with these authorities, where the library does not reach its store by itself. */
internal fun platformTrustOf(rootCertificates: List<String>): TrustEvaluator? =
    if (isAndroid) PlatformTrust(rootCertificates) else null

/**
 * Who judges the servers of a session: what the session's [own] evaluator leaves to the platform, the platform's decides
 * where there is one.
 */
internal fun judgeOf(
    own: TrustEvaluator?,
    platform: TrustEvaluator?,
): TrustEvaluator? =
    when {
        platform == null -> {
            own
        }

        own == null -> {
            platform
        }

        else -> {
            TrustEvaluator { host, chain ->
                val verdict = own.evaluate(host, chain)
                if (verdict == TrustVerdict.PerformDefaultHandling) platform.evaluate(host, chain) else verdict
            }
        }
    }
