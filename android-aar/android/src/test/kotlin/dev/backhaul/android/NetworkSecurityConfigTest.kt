package dev.backhaul.android

import android.security.net.config.ApplicationConfig
import android.security.net.config.CertificateSource
import android.security.net.config.CertificatesEntryRef
import android.security.net.config.ConfigSource
import android.security.net.config.Domain
import android.security.net.config.NetworkSecurityConfig
import android.security.net.config.Pin
import android.security.net.config.PinSet
import android.security.net.config.RootTrustManager
import android.util.Pair
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
import org.robolectric.annotation.Config
import java.security.GeneralSecurityException
import java.security.MessageDigest
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** Android's own trust manager, under what an app's `network_security_config.xml` comes to. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34, 35])
class NetworkSecurityConfigTest {
    /** A list that Android keeps for certificate transparency is made by native code, which is not here. */
    @BeforeTest
    fun keepNoTransparencyLogs() {
        val logs = Class.forName("com.android.org.conscrypt.ct.CTLogStoreImpl").getDeclaredField("defaultFallbackLogs")
        logs.isAccessible = true
        logs.set(
            null,
            java.lang.reflect.Array
                .newInstance(logs.type.componentType, 0),
        )
    }

    private class Authority(
        private val root: X509Certificate,
    ) : CertificateSource {
        override fun getCertificates() = setOf(root)

        override fun findBySubjectAndPublicKey(certificate: X509Certificate) =
            root.takeIf {
                it.subjectX500Principal == certificate.subjectX500Principal && it.publicKey == certificate.publicKey
            }

        override fun findByIssuerAndSignature(certificate: X509Certificate) =
            root.takeIf { it.subjectX500Principal == certificate.issuerX500Principal && signed(certificate) }

        override fun findAllByIssuerAndSignature(certificate: X509Certificate) =
            setOfNotNull(findByIssuerAndSignature(certificate))

        override fun handleTrustStorageUpdate() = Unit

        private fun signed(certificate: X509Certificate) =
            try {
                certificate.verify(root.publicKey)
                true
            } catch (_: GeneralSecurityException) {
                false
            }
    }

    private fun rootOf(server: FaultServer) =
        CertificateFactory
            .getInstance("X.509")
            .generateCertificate(server.rootCertificate.orEmpty().byteInputStream()) as X509Certificate

    /** Trusts this authority for this one host, and nobody for any other. */
    private fun trust(
        root: X509Certificate,
        pins: PinSet = PinSet.EMPTY_PINSET,
    ): PlatformTrust {
        val forHost =
            NetworkSecurityConfig
                .Builder()
                .addCertificatesEntryRef(CertificatesEntryRef(Authority(root), false))
                .setPinSet(pins)
                .build()
        val source =
            object : ConfigSource {
                override fun getPerDomainConfigs() = setOf(Pair(Domain("127.0.0.1", false), forHost))

                override fun getDefaultConfig() = NetworkSecurityConfig.Builder().build()
            }
        return PlatformTrust(RootTrustManager(ApplicationConfig(source)))
    }

    private fun pin(text: ByteArray) =
        PinSet(setOf(Pin("SHA-256", MessageDigest.getInstance("SHA-256").digest(text))), Long.MAX_VALUE)

    private suspend fun FaultServer.download(evaluator: TrustEvaluator): Long {
        val configuration = SessionConfiguration.ephemeral().apply { trustEvaluator = evaluator }
        return Session(configuration).use { it.download(Request(url("a"))).length }
    }

    private fun withTls(test: suspend (FaultServer) -> Unit) =
        runBlocking { withTimeout(PATIENCE) { FaultServer("--tls", "--object", "a=1000").use { test(it) } } }

    // rule T6
    @Test
    fun `what it says of a host applies to that host`() =
        withTls { server ->
            val trust = trust(rootOf(server))
            val elsewhere = TrustEvaluator { _, chain -> trust.evaluate("localhost", chain) }
            assertEquals(1_000, server.download(trust))
            val error = assertFailsWith<TransferException.Tls> { server.download(elsewhere) }
            assertTrue("does not trust the certificate of localhost" in error.message.orEmpty(), error.message)
        }

    // rule T6
    @Test
    fun `its pins apply`() =
        withTls { server ->
            val root = rootOf(server)
            assertEquals(1_000, server.download(trust(root, pin(root.publicKey.encoded))))
            val error =
                assertFailsWith<TransferException.Tls> {
                    server.download(
                        trust(root, pin("another key".toByteArray())),
                    )
                }
            assertTrue("Pin verification failed" in error.message.orEmpty(), error.message)
        }

    // rule T1
    @Test
    fun `a certificate of somebody else is not trusted`() =
        withTls { server ->
            FaultServer("--tls").use { other ->
                val error = assertFailsWith<TransferException.Tls> { server.download(trust(rootOf(other))) }
                assertTrue("does not trust" in error.message.orEmpty(), error.message)
            }
            val verdict = trust(rootOf(server)).evaluate("127.0.0.1", listOf(rootOf(server).encoded))
            assertTrue("not for 127.0.0.1" in assertIs<TrustVerdict.Refused>(verdict).reason)
        }
}
