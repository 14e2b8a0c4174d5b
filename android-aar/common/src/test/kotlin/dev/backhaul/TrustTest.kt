package dev.backhaul

import org.junit.jupiter.api.Test
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.util.concurrent.CompletableFuture
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

class TrustTest {
    private fun withTls(test: suspend (Fixture, FaultServer) -> Unit) =
        withFixture { fixture ->
            FaultServer("--tls", "--object", "a=1000").use { test(fixture, it) }
        }

    private fun Fixture.trusting(evaluator: TrustEvaluator?): ForegroundConfiguration =
        foreground().apply { trustEvaluator = evaluator }

    @Test
    fun `a certificate that nobody vouches for is refused, one of a given authority is not`() =
        withTls { fixture, server ->
            // rule T1
            Session(fixture.foreground()).use { session ->
                assertFailsWith<TransferException.Tls> { session.download(Request(server.url("a"))) }
            }
            val configuration =
                fixture.foreground().apply {
                    rootCertificates =
                        listOf(
                            server.rootCertificate.orEmpty(),
                        )
                }
            Session(configuration).use { assertEquals(1_000, it.download(Request(server.url("a"))).length) }
        }

    @Test
    fun `an evaluator sees the chain and may vouch for it`() =
        withTls { fixture, server ->
            // rule T6
            val seen = CompletableFuture<Pair<String, X509Certificate>>()
            val evaluator =
                TrustEvaluator { host, chain ->
                    val factory = CertificateFactory.getInstance("X.509")
                    seen.complete(host to factory.generateCertificate(chain.first().inputStream()) as X509Certificate)
                    TrustVerdict.Trusted
                }
            Session(
                fixture.trusting(evaluator),
            ).use { assertEquals(1_000, it.download(Request(server.url("a"))).length) }
            val (host, certificate) = seen.get()
            assertEquals("127.0.0.1", host)
            certificate.checkValidity()
        }

    @Test
    fun `an evaluator's no is final, also when it throws`() =
        withTls { fixture, server ->
            // rule T6
            val refusals =
                listOf<TrustEvaluator>(
                    TrustEvaluator { _, _ -> TrustVerdict.Refused("not one of ours") },
                    TrustEvaluator { _, _ -> throw IllegalStateException("not one of ours") },
                    TrustEvaluator { _, _ -> throw AssertionError("not one of ours") },
                    TrustEvaluator { _, _ -> throw StackOverflowError("not one of ours") },
                )
            for (evaluator in refusals) {
                val configuration =
                    fixture.trusting(evaluator).apply { rootCertificates = listOf(server.rootCertificate.orEmpty()) }
                Session(configuration).use { session ->
                    val error = assertFailsWith<TransferException.Tls> { session.download(Request(server.url("a"))) }
                    assertTrue("not one of ours" in error.message.orEmpty(), error.message)
                }
            }
        }

    @Test
    fun `an evaluator may leave it to the platform`() =
        withTls { fixture, server ->
            // rule T6
            val evaluator = TrustEvaluator { _, _ -> TrustVerdict.PerformDefaultHandling }
            Session(fixture.trusting(evaluator)).use { session ->
                assertFailsWith<TransferException.Tls> { session.download(Request(server.url("a"))) }
            }
        }

    @Test
    fun `HTTP 2 is spoken where the server offers it`() =
        withFixture { fixture ->
            // rule H7
            FaultServer("--http2", "--object", "a=1000").use { server ->
                val configuration =
                    fixture.foreground().apply {
                        rootCertificates =
                            listOf(server.rootCertificate.orEmpty())
                    }
                Session(configuration).use { session ->
                    assertEquals("HTTP/2.0", session.download(Request(server.url("a"))).response?.httpVersion)
                }
            }
        }
}
