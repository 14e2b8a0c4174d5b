package dev.backhaul

import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue

class PlatformTrustTest {
    private fun withTls(test: suspend (Fixture, FaultServer) -> Unit) =
        withFixture { fixture -> FaultServer("--tls", "--object", "a=1000").use { test(fixture, it) } }

    private suspend fun Fixture.download(
        server: FaultServer,
        evaluator: TrustEvaluator,
    ): Long {
        val configuration = foreground().apply { trustEvaluator = evaluator }
        return Session(configuration).use { it.download(Request(server.url("a"))).length }
    }

    /** The certificates that the server shows. */
    private suspend fun Fixture.chainOf(server: FaultServer): List<ByteArray> {
        val seen = CompletableFuture<List<ByteArray>>()
        download(server) { _, chain -> TrustVerdict.Trusted.also { seen.complete(chain) } }
        return seen.get()
    }

    private fun assertRefused(
        because: String,
        verdict: TrustVerdict,
    ) {
        val reason = assertIs<TrustVerdict.Refused>(verdict).reason
        assertTrue(because in reason, reason)
    }

    @Test
    fun `the platform's trust manager decides, and authorities that are given vouch beside it`() =
        withTls { fixture, server ->
            // rule T1
            val error = assertFailsWith<TransferException.Tls> { fixture.download(server, PlatformTrust()) }
            assertTrue("does not trust the certificate of 127.0.0.1" in error.message.orEmpty(), error.message)
            assertEquals(1_000, fixture.download(server, PlatformTrust(listOf(server.rootCertificate.orEmpty()))))
        }

    @Test
    fun `an app's own trust manager decides alone`() =
        withTls { fixture, server ->
            // rule T6
            val chain = fixture.chainOf(server)
            assertEquals(1_000, fixture.download(server, PlatformTrust(trustManagerOf(chain.last()))))
            val stranger = KeyTool.selfSigned("cn=stranger", "dns:localhost")
            assertFailsWith<TransferException.Tls> {
                fixture.download(server, PlatformTrust(trustManagerOf(stranger)))
            }
        }

    @Test
    fun `a certificate is good for the names in it and for no other`() =
        withTls { fixture, server ->
            // rule T1
            val trust = PlatformTrust(listOf(server.rootCertificate.orEmpty()))
            val chain = fixture.chainOf(server)
            for (host in listOf("127.0.0.1", "localhost", "LocalHost", "localhost.", "::1", "0:0:0:0:0:0:0:1")) {
                assertEquals(TrustVerdict.Trusted, trust.evaluate(host, chain), host)
            }
            for (host in listOf("127.0.0.2", "::2", "example.com", "localhost.example.com", "host", "")) {
                assertRefused("not for $host but for localhost, 127.0.0.1", trust.evaluate(host, chain))
            }
        }

    @Test
    fun `a star stands for one label, and the subject's name for nothing`() {
        // rule T1
        val names = "dns:*.example.com,dns:*.com,dns:10.0.0.2,ip:10.0.0.1"
        val certificate = KeyTool.selfSigned("cn=subject.example.com", names)
        val nameless = KeyTool.selfSigned("cn=subject.example.com", "email:a@example.com")
        val trust = PlatformTrust(trustManagerOf(certificate))
        for (host in listOf("a.example.com", "A.EXAMPLE.COM", "10.0.0.1")) {
            assertEquals(TrustVerdict.Trusted, trust.evaluate(host, listOf(certificate)), host)
        }
        val strangers =
            listOf("example.com", "a.b.example.com", ".example.com", "other.com", "subject.example.org", "10.0.0.2")
        for (host in strangers) assertRefused("not for $host", trust.evaluate(host, listOf(certificate)))
        assertRefused(
            "not for subject.example.com but for nobody",
            PlatformTrust(trustManagerOf(nameless)).evaluate("subject.example.com", listOf(nameless)),
        )
    }

    @Test
    fun `what is no chain of certificates is refused with a sentence`() =
        withTls { fixture, server ->
            // rule T1
            val trust = PlatformTrust(listOf(server.rootCertificate.orEmpty()))
            val leaf = fixture.chainOf(server).first()
            assertRefused("the server sent no certificate", trust.evaluate("localhost", emptyList()))
            for (bad in listOf(ByteArray(0), ByteArray(100) { 7 }, leaf.copyOf(leaf.size / 2))) {
                assertRefused("certificate 1 of the server cannot be read", trust.evaluate("localhost", listOf(bad)))
                assertRefused("certificate 2 of the server", trust.evaluate("localhost", listOf(leaf, bad)))
            }
        }

    @Test
    fun `a root certificate that cannot be read is said where it is given`() {
        // rule T1
        val broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"
        for (bad in listOf("", "not PEM", broken)) {
            val error = assertFailsWith<TransferException.InvalidRequest> { PlatformTrust(listOf(bad)) }
            assertTrue("number 1" in error.message.orEmpty(), error.message)
        }
    }

    @Test
    fun `where the library does not reach the store, what an evaluator leaves to the platform is asked there`() {
        // rule T6
        val own = TrustEvaluator { host, _ -> verdicts.getValue(host) }
        val platform = TrustEvaluator { host, _ -> TrustVerdict.Refused("the platform says no to $host") }
        val both = judgeOf(own, platform)
        assertEquals(TrustVerdict.Trusted, both?.evaluate("trusted", emptyList()))
        assertEquals(TrustVerdict.Refused("no"), both?.evaluate("refused", emptyList()))
        assertEquals(TrustVerdict.Refused("the platform says no to left"), both?.evaluate("left", emptyList()))
        assertEquals(platform, judgeOf(null, platform))
        assertEquals(own, judgeOf(own, null))
        assertNull(judgeOf(null, null))
        assertNull(platformTrustOf(emptyList()), "a JVM's library reaches the system's store")
    }

    private companion object {
        val verdicts =
            mapOf(
                "trusted" to TrustVerdict.Trusted,
                "refused" to TrustVerdict.Refused("no"),
                "left" to TrustVerdict.PerformDefaultHandling,
            )
    }
}
