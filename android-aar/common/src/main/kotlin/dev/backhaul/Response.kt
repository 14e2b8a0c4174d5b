package dev.backhaul

import dev.backhaul.ffi.HeaderField

/**
 * The head of a server's answer.
 *
 * @property url the URL that answered, after redirects.
 * @property status the HTTP status.
 * @property httpVersion `HTTP/1.1` or `HTTP/2.0`.
 * @property headers the header fields in their order.
 * @property body the first 64 KiB of the body of an answer that made the task fail; empty for a success.
 * @property suggestedFilename the file name that the server suggests: one safe path component (rule T4).
 */
public class Response(
    public val url: String,
    public val status: Int,
    public val httpVersion: String,
    public val headers: List<Header>,
    public val body: ByteArray,
    public val suggestedFilename: String?,
) {
    /** The value of the first field with this name, in whichever case. */
    public fun header(name: String): String? = headers.firstOrNull { it.name.equals(name, ignoreCase = true) }?.value

    override fun toString(): String = "Response($status, $url)"
}

/**
 * One header field.
 *
 * @property name its name.
 * @property value its value.
 */
public data class Header(
    public val name: String,
    public val value: String,
)

internal fun HeaderField.imported() = Header(name, value)

internal fun Header.exported() = HeaderField(name, value)

internal fun GeneratedResponse.imported() =
    Response(url, status.toInt(), httpVersion, headers.map { it.imported() }, body, suggestedFilename)

internal fun Response.exported() =
    GeneratedResponse(
        url,
        status.coerceIn(0, UShort.MAX_VALUE.toInt()).toUShort(),
        httpVersion,
        headers.map { it.exported() },
        body,
        suggestedFilename,
    )
