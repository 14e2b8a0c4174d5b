package dev.backhaul

import dev.backhaul.ffi.suggestedFilenameForUrl
import kotlin.time.Instant

/**
 * One file to fetch, and how. Checked when a task is made of it.
 *
 * @property url what to fetch: an absolute http or https URL.
 * @property destination where the finished file goes; without it the URL's last path component in the container.
 * @property callerId the app's own name for the task: the same name again gives back the first task (rule L5).
 * @property metadata free text that comes back with every call about the task (rule L3).
 * @property group a tag shared by tasks that belong together (rule L3).
 * @property priority from 0.0, last, to 1.0, first.
 * @property headers header fields.
 * @property earliestBeginDate the transfer does not begin before this time.
 * @property countOfBytesClientExpectsToReceive how many bytes the app thinks will come.
 * @property countOfBytesClientExpectsToSend how many bytes the app thinks will go.
 * @property expectedSize the file's exact length.
 * @property expectedDigest the file's digest (rule H6).
 * @property allowsCellularAccess whether a mobile network may be used.
 * @property allowsExpensiveNetworkAccess whether a network that costs money may be used.
 * @property allowsConstrainedNetworkAccess whether a network in Low Data Mode may be used.
 * @property isDiscretionary whether the system may choose the time (rule P4).
 * @property after ids of tasks of the session that must succeed first (rule L6).
 */
public data class Request(
    public val url: String,
    public val destination: Destination? = null,
    public val callerId: String? = null,
    public val metadata: String? = null,
    public val group: String? = null,
    public val priority: Float? = null,
    public val headers: List<Header> = emptyList(),
    public val earliestBeginDate: Instant? = null,
    public val countOfBytesClientExpectsToReceive: Long? = null,
    public val countOfBytesClientExpectsToSend: Long? = null,
    public val expectedSize: Long? = null,
    public val expectedDigest: Digest? = null,
    public val allowsCellularAccess: Boolean? = null,
    public val allowsExpensiveNetworkAccess: Boolean? = null,
    public val allowsConstrainedNetworkAccess: Boolean? = null,
    public val isDiscretionary: Boolean? = null,
    public val after: List<Long> = emptyList(),
) {
    public companion object {
        /** For Java, which has no named arguments. */
        @JvmStatic
        public fun builder(url: String): RequestBuilder = RequestBuilder(url)

        /** The file name that a URL suggests: its last path component, decoded and made safe (rule T4). */
        @JvmStatic
        public fun suggestedFilename(url: String): String? {
            NativeLibrary.load()
            return suggestedFilenameForUrl(url)
        }
    }
}

internal fun Request.exported() =
    GeneratedRequest(
        url,
        destination?.exported(),
        callerId,
        metadata,
        group,
        priority,
        headers.map { it.exported() },
        earliestBeginDate?.exported(),
        countOfBytesClientExpectsToReceive?.exported("countOfBytesClientExpectsToReceive"),
        countOfBytesClientExpectsToSend?.exported("countOfBytesClientExpectsToSend"),
        expectedSize?.exported("expectedSize"),
        expectedDigest?.exported(),
        allowsCellularAccess,
        allowsExpensiveNetworkAccess,
        allowsConstrainedNetworkAccess,
        isDiscretionary,
        after,
    )
