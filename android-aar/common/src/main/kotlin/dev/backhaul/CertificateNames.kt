package dev.backhaul

import java.net.InetAddress
import java.security.cert.CertificateException
import java.security.cert.X509Certificate

// Whom a certificate is for, by RFC 9525: its alternative names alone. A trust manager is asked about the chain only.

/** @throws CertificateException when the certificate is for others. */
internal fun requireIssuedFor(
    host: String,
    certificate: X509Certificate,
) {
    val names = certificate.subjectAlternativeNames.orEmpty()
    val isAddress = isAddress(host)
    val mine = names.filter { it[0] == if (isAddress) ADDRESS else DNS_NAME }.map { it[1] as String }
    if (mine.none { if (isAddress) isSameAddress(it, host) else matches(it, host) }) {
        val others =
            names
                .filter { it[0] == ADDRESS || it[0] == DNS_NAME }
                .take(
                    NAMES_SHOWN,
                ).joinToString { "${it[1]}" }
        throw CertificateException("the certificate is not for $host but for ${others.ifEmpty { "nobody" }}")
    }
}

/** Kinds of alternative names, as X.509 numbers them. */
private const val DNS_NAME = 2
private const val ADDRESS = 7
private const val NAMES_SHOWN = 5

private val IPV4 = Regex("""\d{1,3}(\.\d{1,3}){3}""")

private fun isAddress(host: String) = ':' in host || IPV4.matches(host)

/** Only of addresses in digits, so that nobody is asked for a name. */
private fun isSameAddress(
    one: String,
    other: String,
) = one == other || (':' in one && ':' in other && InetAddress.getByName(one) == InetAddress.getByName(other))

/** A star stands for the whole of the first label, and only above a domain of at least two. */
private fun matches(
    pattern: String,
    host: String,
): Boolean {
    val name = host.removeSuffix(".")
    if (!pattern.startsWith("*.")) return pattern.equals(name, ignoreCase = true)
    val domain = pattern.substring(1)
    return domain.indexOf('.', 1) > 0 &&
        name.indexOf('.') > 0 &&
        name.substring(name.indexOf('.')).equals(domain, ignoreCase = true)
}
