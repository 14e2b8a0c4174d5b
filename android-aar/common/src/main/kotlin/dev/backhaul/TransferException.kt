package dev.backhaul

import dev.backhaul.ffi.ErrorInfo
import java.io.IOException

/**
 * The one exception of the library (rule E3): a subclass for each kind of failure, so that a `when` over them can be
 * complete.
 *
 * [message] is a sentence for people: what went wrong, and what to do. Neither user-info nor query values of a URL are
 * in it.
 */
public sealed class TransferException(
    internal val info: ErrorInfo,
) : IOException(info.reason) {
    /** The kind's stable name, the same in every language: `no_space`. */
    public val kind: String get() = info.name

    /** Whether the same request may succeed later without anyone changing it (rule H1). */
    public val isRetryable: Boolean get() = info.isRetryable

    /** The answer that made the task fail, with at most 64 KiB of its body (rule H5). */
    public val response: Response? by lazy { info.response?.imported() }

    /** A background session's identifier is empty or too long. */
    public class InvalidIdentifier internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The URL cannot be parsed or is relative. */
    public class InvalidUrl internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The URL's scheme is neither http nor https. */
    public class UnsupportedScheme internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** Plain http to a host that the configuration does not allow it for. */
    public class PlainHttpNotAllowed internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** A header name or value that HTTP forbids. */
    public class InvalidHeader internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** A secret that would have to be stored in clear. */
    public class SecretNotStorable internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The destination is absolute, leaves its base directory, or names an unknown base. */
    public class InvalidDestination internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** Another task that is not finished has the same destination. */
    public class DestinationInUse internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** Any other value that cannot be honoured. */
    public class InvalidRequest internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The session's identifier is held by a live session. */
    public class SessionInUse internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The container's store is held by another process. */
    public class ContainerInUse internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The session was invalidated. */
    public class SessionInvalidated internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** No task with this id in this session. */
    public class UnknownTask internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The store was written by a newer version of this library. */
    public class StoreTooNew internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The store is damaged. */
    public class StoreCorrupt internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The store could not be read or written. */
    public class Store internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** No space on the volume. */
    public class NoSpace internal constructor(
        info: ErrorInfo,
    ) : TransferException(info) {
        /** How many bytes the transfer needs on its volume, if that is known (rule D9). */
        public val neededBytes: Long? get() = info.neededBytes?.toCount()
    }

    /** The destination's folder cannot be written, or the destination is a folder. */
    public class DestinationNotWritable internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** Any other failure of the file system. */
    public class File internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The host's name could not be resolved, or nothing answered at its address. */
    public class CannotConnect internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The connection broke, or the body ended early. */
    public class ConnectionLost internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The server's certificate was refused, or TLS failed. */
    public class Tls internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** No byte came for the request's timeout. */
    public class RequestTimedOut internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The task's only deadline passed. */
    public class ResourceTimedOut internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** More than ten redirects, or a loop. */
    public class TooManyRedirects internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** A redirect that must not be followed. */
    public class RedirectRefused internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The server answered with a status that is not a success. */
    public class HttpStatus internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The answer broke HTTP, or contradicts itself. */
    public class InvalidResponse internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The server sent more than a limit allows. */
    public class ResponseTooLarge internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The body is encoded although identity was asked for. */
    public class UnexpectedEncoding internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The body's length is not the expected one. */
    public class SizeMismatch internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The body's digest is not the expected one. */
    public class DigestMismatch internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The object changed more often in a row than the cap allows. */
    public class ValidatorUnstable internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** A watch's session refuses transfers of this length. */
    public class TooLargeForWatch internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The task was cancelled. */
    public class Cancelled internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The steps of a plan come after each other in a circle. */
    public class DependencyCycle internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** A task that it comes after failed or was cancelled. */
    public class DependencyFailed internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The user ended the app by force, and with it the task. */
    public class UserForceQuit internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** Resume data that is damaged, of another version or container, or whose part file is gone. */
    public class InvalidResumeData internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The command that asks the system for the next start failed. */
    public class WakeHook internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)

    /** The system could not give us a basic resource, or code of the app failed. */
    public class System internal constructor(
        info: ErrorInfo,
    ) : TransferException(info)
}
