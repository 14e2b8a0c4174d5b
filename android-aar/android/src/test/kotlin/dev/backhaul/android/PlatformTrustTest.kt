package dev.backhaul.android

import dev.backhaul.FaultServer
import dev.backhaul.PATIENCE
import dev.backhaul.PlatformTrust
import dev.backhaul.Request
import dev.backhaul.Session
import dev.backhaul.SessionConfiguration
import dev.backhaul.TransferException
import dev.backhaul.TrustEvaluator
import dev.backhaul.TrustVerdict
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.security.cert.CertificateException
import java.security.cert.X509Certificate
import javax.net.ssl.X509TrustManager
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
class PlatformTrustTest {
    private fun withTls(test: suspend (FaultServer) -> Unit) =
        runBlocking { withTimeout(PATIENCE) { FaultServer("--tls", "--object", "a=1000").use { test(it) } } }

    private suspend fun FaultServer.download(
        evaluator: TrustEvaluator? = null,
        roots: List<String> = emptyList(),
    ): Long {
        val configuration =
            SessionConfiguration.ephemeral().apply {
                trustEvaluator = evaluator
                rootCertificates = roots
            }
        return Session(configuration).use { it.download(Request(url("a"))).length }
    }

    /** As the one behind Android's network security configuration: it wants to know the host, and has pins. */
    class HostAware(
        private val pinnedHost: String,
    ) : X509TrustManager {
        val hosts = mutableListOf<String>()

        @Suppress("unused") // Called by X509TrustManagerExtensions, which looks for it.
        fun checkServerTrusted(
            chain: Array<X509Certificate>,
            authType: String,
            host: String,
        ): List<X509Certificate> {
            hosts += host
            if (host == pinnedHost) throw CertificateException("Pin verification failed")
            return chain.toList()
        }

        override fun checkServerTrusted(
            chain: Array<X509Certificate>,
            authType: String,
        ) = throw CertificateException("Domain specific configurations require that the hostname aware one is used")

        override fun checkClientTrusted(
            chain: Array<X509Certificate>,
            authType: String,
        ) = throw CertificateException("this is no server")

        override fun getAcceptedIssuers() = emptyArray<X509Certificate>()
    }

    // rules T1, T6
    @Test
    fun `without anything said the platform's trust manager judges, and a session's own authorities vouch beside it`() =
        withTls { server ->
            val error = assertFailsWith<TransferException.Tls> { server.download() }
            assertTrue(
                "the platform does not trust the certificate of 127.0.0.1" in error.message.orEmpty(),
                error.message,
            )
            assertEquals(1_000, server.download(roots = listOf(server.rootCertificate.orEmpty())))
        }

    // rules T1, T6
    @Test
    fun `a trust manager is told the host, as the network security configuration needs it`() =
        withTls { server ->
            val trusting = HostAware("other.example.com")
            assertEquals(1_000, server.download(PlatformTrust(trusting)))
            assertEquals(listOf("127.0.0.1"), trusting.hosts)
            val error =
                assertFailsWith<TransferException.Tls> { server.download(PlatformTrust(HostAware("127.0.0.1"))) }
            assertTrue("Pin verification failed" in error.message.orEmpty(), error.message)
        }

    // rules T1, T6
    @Test
    fun `what an evaluator leaves to the platform is judged there, and its no is final`() =
        withTls { server ->
            val roots = listOf(server.rootCertificate.orEmpty())
            val leaving = TrustEvaluator { _, _ -> TrustVerdict.PerformDefaultHandling }
            assertEquals(1_000, server.download(leaving, roots))
            val refusing = TrustEvaluator { _, _ -> TrustVerdict.Refused("not one of ours") }
            val error = assertFailsWith<TransferException.Tls> { server.download(refusing, roots) }
            assertTrue("not one of ours" in error.message.orEmpty(), error.message)
        }

    // rules T1, T6
    @Test
    fun `a root certificate that cannot be read is said before anything is written`() {
        val configuration = SessionConfiguration.ephemeral().apply { rootCertificates = listOf("not PEM") }
        assertFailsWith<TransferException.InvalidRequest> { Session(configuration) }
    }
}
