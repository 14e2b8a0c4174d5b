#if canImport(Network) && !os(watchOS)
    import Dispatch
    import Network

    extension ConditionsSource {
        /// The network that the device uses: its kind, whether it costs, Low Data Mode. Of no use on watchOS.
        static var networkPath: ConditionsSource {
            let path = NetworkPath()
            return ConditionsSource(
                look: { path.write(to: &$0) },
                watch: { tell in [path.observe { tell { path.write(to: &$0) } }] }
            )
        }
    }

    /// The path that the system reported last.
    private final class NetworkPath: Sendable {
        /// The system answers within milliseconds. A launch that has no answer by then takes Wi-Fi for granted.
        private static let patience = DispatchTimeInterval.milliseconds(200)

        private struct State {
            var latest: NWPath?
            var changed: (@Sendable () -> Void)?
        }

        private let monitor = NWPathMonitor()
        private let state = Guarded(State())
        /// Left at the first answer.
        private let question = DispatchGroup()

        init() {
            question.enter()
            monitor.pathUpdateHandler = { [state, question] path in
                let (isFirst, changed) = state.withLock { state in
                    defer { state.latest = path }
                    return (state.latest == nil, state.changed)
                }
                if isFirst { question.leave() }
                changed?()
            }
            monitor.start(queue: DispatchQueue(label: "backhaul-network-path"))
        }

        deinit {
            monitor.cancel()
        }

        func observe(_ changed: @escaping @Sendable () -> Void) -> AnyObject {
            state.withLock { $0.changed = changed }
            return AtRelease { [state] in state.withLock { $0.changed = nil } }
        }

        func write(to conditions: inout SystemConditions) {
            _ = question.wait(timeout: .now() + NetworkPath.patience)
            guard let path = state.withLock({ $0.latest }) else { return }
            conditions.network = path.network
            conditions.isExpensive = path.isExpensive
            conditions.isConstrained = path.isConstrained
        }
    }

    extension NWPath {
        fileprivate var network: SystemConditions.Network {
            guard status == .satisfied else { return .none }
            if usesInterfaceType(.cellular) { return .cellular }
            // What is neither, such as a VPN of unknown kind, is as good as Wi-Fi.
            return usesInterfaceType(.wiredEthernet) ? .wired : .wifi
        }
    }
#endif
