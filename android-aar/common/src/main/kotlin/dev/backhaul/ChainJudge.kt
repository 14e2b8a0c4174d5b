package dev.backhaul

import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import java.security.KeyStore
import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager

/** Says whether somebody who is trusted vouches for a chain of certificates. Whose name is in it is asked elsewhere. */
internal fun interface ChainJudge {
    /** @throws CertificateException when nobody does. */
    fun check(
        host: String,
        chain: List<X509Certificate>,
    )
}

/** Judges by a trust manager that is made when it is first needed: that reads a store. */
internal fun judgeBy(trustManager: () -> X509TrustManager): ChainJudge =
    object : ChainJudge {
        private val judge by lazy { trustManager().let { AndroidJudge.of(it) ?: PlainJudge(it) } }

        override fun check(
            host: String,
            chain: List<X509Certificate>,
        ) = judge.check(host, chain)
    }

/** Judges by these authorities; none without any. */
internal fun judgeOf(rootCertificates: List<String>): ChainJudge? {
    if (rootCertificates.isEmpty()) return null
    val roots = rootCertificates.flatMapIndexed(::rootsIn)
    return judgeBy {
        val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
        roots.forEachIndexed { index, root -> store.setCertificateEntry("root-$index", root) }
        trustManagerOf(store)
    }
}

private fun rootsIn(
    index: Int,
    pem: String,
): List<X509Certificate> =
    try {
        CertificateFactory
            .getInstance(
                "X.509",
            ).generateCertificates(pem.byteInputStream())
            .map { it as X509Certificate }
    } catch (error: CertificateException) {
        throw invalidRoot(index, error)
    }.ifEmpty { throw invalidRoot(index, null) }

private fun invalidRoot(
    index: Int,
    cause: CertificateException?,
) = invalidRequest(
    "root certificate number ${index + 1} is not usable; give it in PEM form, as -----BEGIN CERTIFICATE-----" +
        cause?.let { " (${it.message})" }.orEmpty(),
)

/** Trusts those in [store]; without one those that the platform trusts. */
internal fun trustManagerOf(store: KeyStore?): X509TrustManager =
    TrustManagerFactory
        .getInstance(TrustManagerFactory.getDefaultAlgorithm())
        .apply { init(store) }
        .trustManagers
        .filterIsInstance<X509TrustManager>()
        .first()

/** How a key was agreed on is TLS's own business by now; this is what a platform says that does not know. */
private const val KEY_EXCHANGE = "UNKNOWN"

private class PlainJudge(
    private val trustManager: X509TrustManager,
) : ChainJudge {
    override fun check(
        host: String,
        chain: List<X509Certificate>,
    ) = trustManager.checkServerTrusted(chain.toTypedArray(), KEY_EXCHANGE)
}

/**
 * Asks Android with the host's name, so that what its network security configuration says of that host applies. By
 * reflection: this jar knows no Android.
 */
private class AndroidJudge(
    private val extensions: Any,
    private val check: Method,
) : ChainJudge {
    override fun check(
        host: String,
        chain: List<X509Certificate>,
    ) {
        try {
            check.invoke(extensions, chain.toTypedArray(), KEY_EXCHANGE, host)
        } catch (thrown: InvocationTargetException) {
            throw thrown.targetException
        }
    }

    companion object {
        /** None elsewhere than on Android, and for an app's trust manager that does not want to know the host. */
        fun of(trustManager: X509TrustManager): ChainJudge? = if (isAndroid) ofAndroid(trustManager) else null

        private fun ofAndroid(trustManager: X509TrustManager): ChainJudge? {
            val type = Class.forName(ANDROID_EXTENSIONS)
            val text = String::class.java
            return try {
                AndroidJudge(
                    type.getConstructor(X509TrustManager::class.java).newInstance(trustManager),
                    type.getMethod("checkServerTrusted", Array<X509Certificate>::class.java, text, text),
                )
            } catch (thrown: InvocationTargetException) {
                if (thrown.targetException is IllegalArgumentException) null else throw thrown.targetException
            }
        }
    }
}

internal val isAndroid: Boolean by lazy {
    try {
        Class.forName(ANDROID_EXTENSIONS)
        true
    } catch (_: ClassNotFoundException) {
        false
    }
}

private const val ANDROID_EXTENSIONS = "android.net.http.X509TrustManagerExtensions"
