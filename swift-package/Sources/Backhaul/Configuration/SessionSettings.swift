internal import BackhaulGenerated
import Foundation

/// What a configuration holds, of whichever kind: the kind is in the type of ``SessionConfiguration``.
struct SessionSettings: Sendable {
    /// As the library names the kinds.
    let kind: BackhaulGenerated.SessionKind

    var container: URL?
    var baseDirectories: [String: URL] = [:]
    var isDiscretionary: Bool
    var waitsForConnectivity: Bool
    var allowsCellularAccess = true
    var allowsExpensiveNetworkAccess = true
    var allowsConstrainedNetworkAccess = true
    var timeoutIntervalForRequest = Duration.seconds(60)
    var timeoutIntervalForResource = Duration.seconds(7 * 24 * 60 * 60)
    var httpMaximumConnectionsPerHost = 6
    var maximumConcurrentTransfers = 32
    var maximumTransfersPerGroup: Int?
    var bandwidthLimit: Int64?
    var httpAdditionalHeaders: [String: String] = [:]
    var secretHeaders: Set<String> = []
    var statusPolicy = StatusPolicy.successOnly
    var resumePolicy = ResumePolicy.strict
    var retryPolicy = RetryPolicy()
    var plainHTTPHosts: Set<String> = []
    var rootCertificates: [String] = []
    var conditions: SystemConditions?
    var fileProtection = FileProtection.untilFirstUnlock
    var transferService = TransferService.automatic
    var trustEvaluator: (any TrustEvaluator)?
    var deferralPolicy: (any DeferralPolicy)?

    // Background sessions only.
    var sendsLaunchEvents = true
    var deliveryPolicy = DeliveryPolicy.coalesced
    var forceQuitPolicy = ForceQuitPolicy.report
    var watchBudget: WatchBudget?
    var wakeScheduler: (any WakeScheduler)?

    init(_ kind: BackhaulGenerated.SessionKind) {
        self.kind = kind
        isDiscretionary = Self.identifier(of: kind) != nil
        waitsForConnectivity = isDiscretionary
    }

    var identifier: String? { Self.identifier(of: kind) }

    private static func identifier(of kind: BackhaulGenerated.SessionKind) -> String? {
        switch kind {
        case .background(let identifier), .watch(let identifier): identifier
        case .default, .ephemeral: nil
        }
    }

    /// The container's directory, the usual one if none was named.
    var containerDirectory: URL {
        container ?? URL(fileURLWithPath: defaultContainer(), isDirectory: true)
    }

    var generated: BackhaulGenerated.SessionConfiguration {
        BackhaulGenerated.SessionConfiguration(
            kind: kind,
            container: container?.path,
            baseDirectories: baseDirectories.map { BaseDirectory(name: $0.key, path: $0.value.path) },
            isDiscretionary: isDiscretionary,
            waitsForConnectivity: waitsForConnectivity,
            allowsCellularAccess: allowsCellularAccess,
            allowsExpensiveNetworkAccess: allowsExpensiveNetworkAccess,
            allowsConstrainedNetworkAccess: allowsConstrainedNetworkAccess,
            timeoutForRequest: timeoutIntervalForRequest.interval,
            timeoutForResource: timeoutIntervalForResource.interval,
            maxConnectionsPerHost: UInt32(clamping: httpMaximumConnectionsPerHost),
            maxConcurrentTransfers: UInt32(clamping: maximumConcurrentTransfers),
            maxTransfersPerGroup: maximumTransfersPerGroup.map { UInt32(clamping: $0) },
            bandwidthLimit: bandwidthLimit.count,
            additionalHeaders: httpAdditionalHeaders.map { .init(name: $0.key, value: $0.value) },
            secretHeaders: Array(secretHeaders),
            statusPolicy: statusPolicy.generated,
            resumePolicy: resumePolicy.generated,
            retryPolicy: retryPolicy.generated,
            plainHttpHosts: Array(plainHTTPHosts),
            rootCertificates: rootCertificates,
            conditions: conditions?.generated,
            fileProtection: fileProtection.generated,
            watchBudget: watchBudget?.generated,
            deliveryPolicy: deliveryPolicy.generated,
            sendsLaunchEvents: sendsLaunchEvents,
            forceQuitPolicy: forceQuitPolicy.generated
        )
    }

    /// What the library makes a session of.
    ///
    /// - Throws: ``BackhaulError/Kind/invalidRequest`` for a transfer service that this platform lacks.
    func parts(
        delegate: DelegateAdapter,
        queue: DelegateQueue
    ) throws(BackhaulError) -> BackhaulGenerated.SessionParts {
        BackhaulGenerated.SessionParts(
            configuration: generated,
            delegate: delegate,
            executor: queue.executor,
            transport: try transferService.transport(for: self),
            trustEvaluator: trustEvaluator.map(TrustEvaluatorAdapter.init),
            deferralPolicy: deferralPolicy.map(DeferralPolicyAdapter.init),
            wakeScheduler: wakeScheduler.map(WakeSchedulerAdapter.init)
        )
    }
}
