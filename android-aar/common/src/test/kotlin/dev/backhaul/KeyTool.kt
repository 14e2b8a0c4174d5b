package dev.backhaul

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import java.security.KeyStore
import java.security.cert.CertificateFactory
import java.util.concurrent.TimeUnit
import javax.net.ssl.X509TrustManager

/** Makes certificates with the JDK's own tool. */
object KeyTool {
    /** A certificate in DER form that its own key signed; [names] are the alternative ones, as keytool writes them. */
    fun selfSigned(
        subject: String,
        names: String,
    ): ByteArray {
        val store = Files.createTempDirectory("backhaul-keytool-").resolve("store.p12")
        val key = listOf("-keystore", "$store", "-storepass", "secret", "-alias", "a")
        run(listOf("-genkeypair", "-keyalg", "EC", "-dname", subject, "-ext", "san=$names") + key)
        try {
            return KeyStore.getInstance(store.toFile(), "secret".toCharArray()).getCertificate("a").encoded
        } finally {
            Files.delete(store)
            Files.delete(store.parent)
        }
    }

    private fun run(arguments: List<String>) {
        val program: Path = Paths.get(System.getProperty("java.home"), "bin", "keytool")
        val process = ProcessBuilder(listOf("$program") + arguments).redirectErrorStream(true).start()
        process.outputStream.close()
        val said = process.inputReader().readText()
        check(process.waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)) { "keytool does not end" }
        check(process.exitValue() == 0) { said }
    }
}

/** Trusts this certificate, in DER form. */
fun trustManagerOf(der: ByteArray): X509TrustManager {
    val certificate = CertificateFactory.getInstance("X.509").generateCertificate(der.inputStream())
    val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
    store.setCertificateEntry("a", certificate)
    return trustManagerOf(store)
}
