package dev.backhaul

import kotlin.time.toKotlinInstant

/** Makes a [Request] for Java. Each method returns the builder. */
public class RequestBuilder internal constructor(
    url: String,
) {
    private var request = Request(url)

    private inline fun with(change: Request.() -> Request): RequestBuilder = apply { request = request.change() }

    /** Where the finished file goes. */
    public fun destination(value: Destination): RequestBuilder = with { copy(destination = value) }

    /** The app's own name for the task (rule L5). */
    public fun callerId(value: String): RequestBuilder = with { copy(callerId = value) }

    /** Free text that comes back with every call about the task (rule L3). */
    public fun metadata(value: String): RequestBuilder = with { copy(metadata = value) }

    /** A tag shared by tasks that belong together (rule L3). */
    public fun group(value: String): RequestBuilder = with { copy(group = value) }

    /** From 0.0, last, to 1.0, first. */
    public fun priority(value: Float): RequestBuilder = with { copy(priority = value) }

    /** The transfer does not begin before this time. */
    public fun earliestBeginDate(value: java.time.Instant): RequestBuilder =
        with { copy(earliestBeginDate = value.toKotlinInstant()) }

    /** How many bytes the app thinks will come. */
    public fun countOfBytesClientExpectsToReceive(value: Long): RequestBuilder =
        with { copy(countOfBytesClientExpectsToReceive = value) }

    /** How many bytes the app thinks will go. */
    public fun countOfBytesClientExpectsToSend(value: Long): RequestBuilder =
        with { copy(countOfBytesClientExpectsToSend = value) }

    /** The file's exact length. */
    public fun expectedSize(value: Long): RequestBuilder = with { copy(expectedSize = value) }

    /** The file's digest (rule H6). */
    public fun expectedDigest(value: Digest): RequestBuilder = with { copy(expectedDigest = value) }

    /** Whether a mobile network may be used. */
    public fun allowsCellularAccess(value: Boolean): RequestBuilder = with { copy(allowsCellularAccess = value) }

    /** Whether a network that costs money may be used. */
    public fun allowsExpensiveNetworkAccess(value: Boolean): RequestBuilder =
        with { copy(allowsExpensiveNetworkAccess = value) }

    /** Whether a network in Low Data Mode may be used. */
    public fun allowsConstrainedNetworkAccess(value: Boolean): RequestBuilder =
        with { copy(allowsConstrainedNetworkAccess = value) }

    /** Whether the system may choose the time (rule P4). */
    public fun isDiscretionary(value: Boolean): RequestBuilder = with { copy(isDiscretionary = value) }

    /** Adds a header field. */
    public fun header(
        name: String,
        value: String,
    ): RequestBuilder = with { copy(headers = headers + Header(name, value)) }

    /** Adds tasks of the session that must succeed first (rule L6). */
    public fun after(vararg ids: Long): RequestBuilder = with { copy(after = after + ids.toList()) }

    /** The request. */
    public fun build(): Request = request
}
