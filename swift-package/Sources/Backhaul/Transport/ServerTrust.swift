#if canImport(Darwin)
    import Foundation

    /// What to do about a server's certificates.
    enum ServerTrustDecision {
        case performDefaultHandling
        case trust(SecTrust)
        case refuse(TransferFailure)
    }

    /// Judges servers by the app's evaluator, whose no is final, and the session's root certificates (rule T6).
    struct ServerTrust: Sendable {
        let evaluator: (any TrustEvaluator)?
        /// In DER form.
        let roots: [Data]

        init(_ settings: SessionSettings) {
            evaluator = settings.trustEvaluator
            roots = settings.rootCertificates.flatMap(Self.certificates(inPEM:))
        }

        func judge(_ trust: SecTrust, host: String) -> ServerTrustDecision {
            let chain = SecTrustCopyCertificateChain(trust) as? [SecCertificate] ?? []
            do {
                let der = chain.map { SecCertificateCopyData($0) as Data }
                switch try evaluator?.evaluate(host: host, chain: der) ?? .performDefaultHandling {
                case .trusted: return .trust(trust)
                case .refused(let reason): return .refuse(.init(.tls, reason))
                case .performDefaultHandling: break
                }
            } catch {
                return .refuse(.init(.tls, "the app's trust evaluator failed: \(error)"))
            }
            guard !roots.isEmpty else { return .performDefaultHandling }
            let anchors = roots.compactMap { SecCertificateCreateWithData(nil, $0 as CFData) }
            SecTrustSetAnchorCertificates(trust, anchors as CFArray)
            // Beside the system's own, not in their place.
            SecTrustSetAnchorCertificatesOnly(trust, false)
            return SecTrustEvaluateWithError(trust, nil) ? .trust(trust) : .performDefaultHandling
        }

        /// Every certificate of a PEM text.
        private static func certificates(inPEM text: String) -> [Data] {
            text.components(separatedBy: "-----BEGIN CERTIFICATE-----").dropFirst().compactMap { part in
                let base64 = part.components(separatedBy: "-----END CERTIFICATE-----")[0]
                return Data(base64Encoded: base64, options: .ignoreUnknownCharacters)
            }
        }
    }
#endif
