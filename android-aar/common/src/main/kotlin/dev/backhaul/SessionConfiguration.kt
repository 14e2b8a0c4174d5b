package dev.backhaul

import dev.backhaul.ffi.BaseDirectory
import dev.backhaul.ffi.ErrorKind
import dev.backhaul.ffi.SessionKind
import dev.backhaul.ffi.defaultContainer
import java.nio.file.Path
import java.nio.file.Paths
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration

/**
 * How a session behaves (section C of the contract). A session copies its configuration.
 *
 * The kind is in the type: a [BackgroundConfiguration] makes no session without a delegate (rule S2).
 *
 * ```kotlin
 * val configuration = SessionConfiguration.background("com.example.maps").apply {
 *     timeoutForResource = 1.days
 *     allowsCellularAccess = false
 * }
 * ```
 *
 * Not thread-safe.
 */
public sealed class SessionConfiguration(
    internal val kind: SessionKind,
) {
    /** The directory that holds the store and the `files` folder; none for the usual one of the user. */
    public var container: Path? = null

    /** Directories that destinations may name, beside [Destination.CONTAINER] (rule D5). */
    public var baseDirectories: Map<String, Path> = emptyMap()

    /** Whether the system may choose the time (rule P4). Default: only in background sessions. */
    public var isDiscretionary: Boolean = this is BackgroundConfiguration

    /** Whether a task waits when there is no network; always so in background sessions. */
    public var waitsForConnectivity: Boolean = this is BackgroundConfiguration

    /** Whether mobile networks may be used. */
    public var allowsCellularAccess: Boolean = true

    /** Whether networks that cost money may be used. */
    public var allowsExpensiveNetworkAccess: Boolean = true

    /** Whether networks on which the user wants little traffic may be used. */
    public var allowsConstrainedNetworkAccess: Boolean = true

    /** How long an attempt may go without a byte. */
    public var timeoutForRequest: Duration = 60.seconds

    /** How long a task may take from `resume`, waiting included. The only deadline. */
    public var timeoutForResource: Duration = 7.days

    /** Transfers to one host at a time. */
    public var maximumConnectionsPerHost: Int = 6

    /** Transfers at a time in all. */
    public var maximumConcurrentTransfers: Int = 32

    /** Transfers at a time of tasks with the same group; none for no limit of theirs. */
    public var maximumTransfersPerGroup: Int? = null

    /** Bytes a second for the whole session. */
    public var bandwidthLimit: Long? = null

    /** Header fields for every request that does not bring its own of that name. */
    public var additionalHeaders: List<Header> = emptyList()

    /** Names of header fields whose values are secret (rule T2). */
    public var secretHeaders: Set<String> = emptySet()

    /** Which answers are files (rule H5). */
    public var statusPolicy: StatusPolicy = StatusPolicy.SUCCESS_ONLY

    /** When a transfer may go on without a strong validator (rule R5). */
    public var resumePolicy: ResumePolicy = ResumePolicy.STRICT

    /** The pauses between attempts (rule H1). */
    public var retryPolicy: RetryPolicy = RetryPolicy()

    /** Hosts that plain http is allowed for (rule T1). */
    public var plainHttpHosts: Set<String> = emptySet()

    /** Certificate authorities beside the platform's, in PEM form. */
    public var rootCertificates: List<String> = emptyList()

    /** What the system is like when the session is made (rule P2); none for the best of conditions. */
    public var conditions: SystemConditions? = null

    /** When the session's files can be written. */
    public var fileProtection: FileProtection = FileProtection.UNTIL_FIRST_UNLOCK

    /** What moves the bytes, in place of the built-in HTTP. */
    public var transport: Transport? = null

    /** Who judges the certificates of servers (rule T6). */
    public var trustEvaluator: TrustEvaluator? = null

    /** Who decides when transfers run, in place of [StandardPolicy]. */
    public var deferralPolicy: DeferralPolicy? = null

    /** [timeoutForRequest], for Java. */
    public fun setTimeoutForRequest(timeout: java.time.Duration) {
        timeoutForRequest = timeout.toKotlinDuration()
    }

    /** [timeoutForResource], for Java. */
    public fun setTimeoutForResource(timeout: java.time.Duration) {
        timeoutForResource = timeout.toKotlinDuration()
    }

    /**
     * The destination that a file is, by the base directory that it lies in.
     *
     * @throws TransferException.InvalidDestination when it lies in none.
     */
    @Throws(TransferException::class)
    public fun destination(file: Path): Destination {
        NativeLibrary.load()
        return Directories(container ?: Paths.get(defaultContainer()), baseDirectories).destinationOf(file)
    }

    internal fun exported(): GeneratedConfiguration {
        val background = this as? BackgroundConfiguration
        return GeneratedConfiguration(
            kind = kind,
            container = container?.toString(),
            baseDirectories = baseDirectories.map { (name, path) -> BaseDirectory(name, path.toString()) },
            isDiscretionary = isDiscretionary,
            waitsForConnectivity = waitsForConnectivity,
            allowsCellularAccess = allowsCellularAccess,
            allowsExpensiveNetworkAccess = allowsExpensiveNetworkAccess,
            allowsConstrainedNetworkAccess = allowsConstrainedNetworkAccess,
            timeoutForRequest = timeoutForRequest.exported("timeoutForRequest"),
            timeoutForResource = timeoutForResource.exported("timeoutForResource"),
            maxConnectionsPerHost = maximumConnectionsPerHost.exported("maximumConnectionsPerHost"),
            maxConcurrentTransfers = maximumConcurrentTransfers.exported("maximumConcurrentTransfers"),
            maxTransfersPerGroup = maximumTransfersPerGroup?.exported("maximumTransfersPerGroup"),
            bandwidthLimit = bandwidthLimit?.exported("bandwidthLimit"),
            additionalHeaders = additionalHeaders.map { it.exported() },
            secretHeaders = secretHeaders.toList(),
            statusPolicy = statusPolicy.mirrored(),
            resumePolicy = resumePolicy.mirrored(),
            retryPolicy = retryPolicy.exported(),
            plainHttpHosts = plainHttpHosts.toList(),
            // On Android it is PlatformTrust that knows them.
            rootCertificates = if (isAndroid) emptyList() else rootCertificates,
            conditions = conditions?.exported(),
            fileProtection = fileProtection.mirrored(),
            watchBudget = background?.watchBudget?.exported(),
            deliveryPolicy = background?.deliveryPolicy?.mirrored(),
            sendsLaunchEvents = background?.sendsLaunchEvents ?: true,
            forceQuitPolicy = background?.forceQuitPolicy?.mirrored(),
        )
    }

    public companion object {
        private const val IDENTIFIER_LIMIT_BYTES = 1024

        /** A session that ends with the process (rule S8). */
        @JvmStatic
        @JvmName("defaultConfiguration")
        public fun default(): ForegroundConfiguration = ForegroundConfiguration(SessionKind.Default)

        /** As a default one, and it shares nothing with any other. */
        @JvmStatic
        public fun ephemeral(): ForegroundConfiguration = ForegroundConfiguration(SessionKind.Ephemeral)

        /**
         * A background session, known by its identifier at every launch (rules S1, S7).
         *
         * @throws TransferException.InvalidIdentifier when it is empty or longer than 1,024 bytes.
         */
        @JvmStatic
        @Throws(TransferException::class)
        public fun background(identifier: String): BackgroundConfiguration =
            BackgroundConfiguration(SessionKind.Background(checked(identifier)), identifier)

        /**
         * A background session with the limits of a watch (rule P8): transfers larger than 5 MiB wait for a charger and
         * Wi-Fi, a wake lasts ten seconds, and no more than four wakes an hour are asked for.
         *
         * @throws TransferException.InvalidIdentifier as for [background].
         */
        @JvmStatic
        @Throws(TransferException::class)
        public fun watch(identifier: String): BackgroundConfiguration =
            BackgroundConfiguration(SessionKind.Watch(checked(identifier)), identifier)

        /** Said here, and again by the library when the session is made: a mistake shows where it is made. */
        private fun checked(identifier: String): String {
            if (identifier.isBlank() || identifier.encodeToByteArray().size > IDENTIFIER_LIMIT_BYTES) {
                throw failure(
                    ErrorKind.INVALID_IDENTIFIER,
                    "a background session needs an identifier of 1 to 1,024 bytes, such as \"com.example.maps\"",
                )
            }
            return identifier
        }
    }
}

/** The configuration of a default or ephemeral session. */
public class ForegroundConfiguration internal constructor(
    kind: SessionKind,
) : SessionConfiguration(kind)

/**
 * The configuration of a background session.
 *
 * @property identifier by which it is known at every launch.
 */
public class BackgroundConfiguration internal constructor(
    kind: SessionKind,
    public val identifier: String,
) : SessionConfiguration(kind) {
    /** Whether the app may be woken for this session. Without, nothing wakes it, and events wait in the journal. */
    public var sendsLaunchEvents: Boolean = true

    /** When the delegate is told while the app is not in front (rule W2). */
    public var deliveryPolicy: DeliveryPolicy = DeliveryPolicy.COALESCED

    /** What becomes of tasks when the user ends the app by force (rule W6). */
    public var forceQuitPolicy: ForceQuitPolicy = ForceQuitPolicy.REPORT

    /** The limits of a watch (rule P8); none leaves those of the kind of configuration. */
    public var watchBudget: WatchBudget? = null

    /** Who asks the platform for the next wake (rule P6). */
    public var wakeScheduler: WakeScheduler? = null
}
