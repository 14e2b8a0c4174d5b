import Foundation

// What every kind of session has.
extension SessionConfiguration {
    /// The directory that holds the store and the `files` folder; nil for the platform's usual place. Default and ephemeral
    /// sessions keep only their `files` there.
    public var container: URL? {
        get { settings.container }
        set { settings.container = newValue }
    }

    /// Directories that destinations may name (rule D5). Say them at every launch: the store keeps the name, never the
    /// path.
    public var baseDirectories: [String: URL] {
        get { settings.baseDirectories }
        set { settings.baseDirectories = newValue }
    }

    /// Whether the system may choose the time (rule P4). Default: true in background sessions.
    public var isDiscretionary: Bool {
        get { settings.isDiscretionary }
        set { settings.isDiscretionary = newValue }
    }

    /// Whether a task waits when there is no network, rather than fail. Always so in background sessions.
    public var waitsForConnectivity: Bool {
        get { settings.waitsForConnectivity }
        set { settings.waitsForConnectivity = newValue }
    }

    /// Whether mobile networks may be used. Default: true.
    public var allowsCellularAccess: Bool {
        get { settings.allowsCellularAccess }
        set { settings.allowsCellularAccess = newValue }
    }

    /// Whether networks that cost money may be used. Default: true.
    public var allowsExpensiveNetworkAccess: Bool {
        get { settings.allowsExpensiveNetworkAccess }
        set { settings.allowsExpensiveNetworkAccess = newValue }
    }

    /// Whether networks in Low Data Mode may be used. Default: true.
    public var allowsConstrainedNetworkAccess: Bool {
        get { settings.allowsConstrainedNetworkAccess }
        set { settings.allowsConstrainedNetworkAccess = newValue }
    }

    /// How long an attempt may go without a byte; it is then made again, the task does not fail. Default: a minute.
    public var timeoutIntervalForRequest: Duration {
        get { settings.timeoutIntervalForRequest }
        set { settings.timeoutIntervalForRequest = newValue }
    }

    /// How long a task may take from `resume()`, waiting included: its only deadline. Default: 7 days.
    public var timeoutIntervalForResource: Duration {
        get { settings.timeoutIntervalForResource }
        set { settings.timeoutIntervalForResource = newValue }
    }

    /// Transfers to one host at a time; at least 1. Default: 6.
    public var httpMaximumConnectionsPerHost: Int {
        get { settings.httpMaximumConnectionsPerHost }
        set { settings.httpMaximumConnectionsPerHost = newValue }
    }

    /// Transfers at a time in all, from 1 to 128. Default: 32.
    public var maximumConcurrentTransfers: Int {
        get { settings.maximumConcurrentTransfers }
        set { settings.maximumConcurrentTransfers = newValue }
    }

    /// Transfers at a time of tasks with the same group; others wait as ``WaitReason/groupLimit``. Default: no limit of
    /// its own.
    public var maximumTransfersPerGroup: Int? {
        get { settings.maximumTransfersPerGroup }
        set { settings.maximumTransfersPerGroup = newValue }
    }

    /// Bytes a second for the whole session. Default: no limit.
    public var bandwidthLimit: Int64? {
        get { settings.bandwidthLimit }
        set { settings.bandwidthLimit = newValue }
    }

    /// Header fields for every request that does not bring its own of that name.
    public var httpAdditionalHeaders: [String: String] {
        get { settings.httpAdditionalHeaders }
        set { settings.httpAdditionalHeaders = newValue }
    }

    /// Names of header fields whose values are secret, beside `Authorization`, `Cookie` and `Proxy-Authorization`: they
    /// never cross to another origin (rule H3) and are never stored (rule T2).
    public var secretHeaders: Set<String> {
        get { settings.secretHeaders }
        set { settings.secretHeaders = newValue }
    }

    /// Which answers are files (rule H5). Default: only 2xx.
    public var statusPolicy: StatusPolicy {
        get { settings.statusPolicy }
        set { settings.statusPolicy = newValue }
    }

    /// When a transfer may go on without a strong validator (rule R5).
    public var resumePolicy: ResumePolicy {
        get { settings.resumePolicy }
        set { settings.resumePolicy = newValue }
    }

    /// The pauses between attempts (rule H1).
    public var retryPolicy: RetryPolicy {
        get { settings.retryPolicy }
        set { settings.retryPolicy = newValue }
    }

    /// Hosts that plain http is allowed for (rule T1).
    public var plainHTTPHosts: Set<String> {
        get { settings.plainHTTPHosts }
        set { settings.plainHTTPHosts = newValue }
    }

    /// Certificate authorities beside the platform's, in PEM form. Of the built-in HTTP only.
    public var rootCertificates: [String] {
        get { settings.rootCertificates }
        set { settings.rootCertificates = newValue }
    }

    /// What the system is like when the session is made (rule P2). Say it here rather than by
    /// ``Session/setConditions(_:)`` afterwards: a transfer that is not allowed now must not start in between.
    public var conditions: SystemConditions? {
        get { settings.conditions }
        set { settings.conditions = newValue }
    }

    /// When the session's files can be written.
    public var fileProtection: FileProtection {
        get { settings.fileProtection }
        set { settings.fileProtection = newValue }
    }

    /// What moves the bytes.
    public var transferService: TransferService {
        get { settings.transferService }
        set { settings.transferService = newValue }
    }

    /// Who judges the certificates of servers (rule T6). Of the built-in HTTP only.
    public var trustEvaluator: (any TrustEvaluator)? {
        get { settings.trustEvaluator }
        set { settings.trustEvaluator = newValue }
    }

    /// When transfers run, in place of ``StandardPolicy``.
    public var deferralPolicy: (any DeferralPolicy)? {
        get { settings.deferralPolicy }
        set { settings.deferralPolicy = newValue }
    }
}
