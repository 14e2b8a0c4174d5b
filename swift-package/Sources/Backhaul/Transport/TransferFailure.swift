internal import BackhaulGenerated
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Why a transfer of the system's failed: a kind, and a sentence without any URL (rule E3).
struct TransferFailure: Error, Equatable {
    let kind: ErrorKind
    let reason: String

    init(_ kind: ErrorKind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

/// How a transfer ended that did not bring its file.
enum TransferEnd: Equatable {
    /// Cancelled, by us or by the system for reasons of its own: it goes on when it may.
    case stopped
    case failed(TransferFailure)

    /// What an error of `URLSession` means.
    init(_ error: any Error) {
        let error = error as NSError
        if error.isOutOfSpace {
            self = .failed(.init(.noSpace, "no space for the file on its volume; free some and the transfer goes on"))
        } else if error.domain != NSURLErrorDomain {
            // Below `URLSession`: sockets, streams, proxies.
            self = .failed(.init(.connectionLost, "the connection broke (\(error.domain) \(error.code))"))
        } else if error.code == NSURLErrorCancelled {
            self = Self.cancelled(for: error.cancelledReason)
        } else {
            let (kind, sentence) = meaning(of: error.code)
            let reason = [sentence, error.unavailableReason].compactMap(\.self).joined(separator: ", ")
            self = .failed(.init(kind, "\(reason) (URLError \(error.code))"))
        }
    }

    private static func cancelled(for reason: Int?) -> TransferEnd {
        switch reason {
        case NSURLErrorCancelledReasonUserForceQuitApplication:
            let sentence = "the user ended the app by force; enqueue the task again if it is still wanted"
            return .failed(.init(.userForceQuit, sentence))
        case NSURLErrorCancelledReasonBackgroundUpdatesDisabled:
            let sentence = "the user does not let this app refresh in the background; it is tried again while it runs"
            return .failed(.init(.connectionLost, sentence))
        case NSURLErrorCancelledReasonInsufficientSystemResources:
            let sentence = "the system had too little memory or space to go on; it is tried again"
            return .failed(.init(.connectionLost, sentence))
        default:
            return .stopped
        }
    }
}

/// What an error of `NSURLErrorDomain` means. A code that is not here may pass.
private func meaning(of code: Int) -> (ErrorKind, String) {
    for (codes, kind, sentence) in meanings where codes.contains(where: { $0.rawValue == code }) {
        return (kind, sentence)
    }
    return (.connectionLost, "the transfer failed")
}

private let meanings: [(codes: [URLError.Code], kind: ErrorKind, sentence: String)] = [
    // The background service.
    (
        [.backgroundSessionRequiresSharedContainer],
        .invalidRequest, "an extension's background session needs a container that it shares with its app"
    ),
    (
        [.backgroundSessionInUseByAnotherProcess],
        .sessionInUse, "another process has a background session of this identifier; give the extension one of its own"
    ),
    ([.backgroundSessionWasDisconnected], .connectionLost, "the system's transfer service ended"),
    // The network.
    ([.timedOut], .requestTimedOut, "nothing came from the server in time"),
    (
        [.cannotFindHost, .cannotConnectToHost, .dnsLookupFailed, .resourceUnavailable, .cannotLoadFromNetwork],
        .cannotConnect, "cannot connect to the server; check the address and the network"
    ),
    (
        [.notConnectedToInternet, .internationalRoamingOff, .callIsActive, .dataNotAllowed],
        .cannotConnect, "there is no network that may be used"
    ),
    (
        // The last one is Foundation's on Linux for a connection that ended without an answer.
        [.unknown, .networkConnectionLost, .badServerResponse],
        .connectionLost, "the connection broke before the end of the file"
    ),
    // Trust.
    (
        [.appTransportSecurityRequiresSecureConnection],
        .plainHttpNotAllowed,
        "App Transport Security does not let this app use plain http here; use https, or allow it in Info.plist"
    ),
    (
        [
            .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid,
        ],
        .tls, "no trustworthy TLS connection to the server; check its certificate, and this device's date and time"
    ),
    ([.clientCertificateRejected, .clientCertificateRequired], .tls, "the server wants a client certificate"),
    (
        [.userCancelledAuthentication, .userAuthenticationRequired],
        .invalidRequest, "the server or a proxy wants to know who asks; renew the credentials or the URL"
    ),
    // HTTP.
    ([.badURL], .invalidUrl, "the system cannot read the URL"),
    ([.unsupportedURL], .unsupportedScheme, "the system cannot load a URL of this scheme"),
    ([.httpTooManyRedirects], .tooManyRedirects, "the server redirects too often"),
    ([.redirectToNonExistentLocation], .redirectRefused, "the server redirects to nowhere that a download can go"),
    (
        [
            .zeroByteResource, .cannotDecodeRawData, .cannotDecodeContentData, .cannotParseResponse,
            .downloadDecodingFailedMidStream, .downloadDecodingFailedToComplete,
        ],
        .invalidResponse, "the server's answer cannot be understood"
    ),
    ([.dataLengthExceedsMaximum], .responseTooLarge, "the server sent more than the system takes"),
    // Files of the system's own.
    (
        [
            .fileDoesNotExist, .fileIsDirectory, .noPermissionsToReadFile, .cannotCreateFile, .cannotOpenFile,
            .cannotCloseFile, .cannotWriteToFile, .cannotRemoveFile, .cannotMoveFile,
        ],
        .file, "the system could not write the file that it received"
    ),
]

extension NSError {
    /// Why the system cancelled a background task, where it says so.
    fileprivate var cancelledReason: Int? {
        userInfo[NSURLErrorBackgroundTaskCancelledReasonKey] as? Int
    }

    /// Which kind of network was not allowed. Foundation on Linux lacks the key's name.
    fileprivate var unavailableReason: String? {
        switch userInfo["NSURLErrorNetworkUnavailableReasonKey"] as? Int {
        case 0: "mobile networks are not allowed"
        case 1: "networks that cost money are not allowed"
        case 2: "networks in Low Data Mode are not allowed"
        default: nil
        }
    }

    /// What a failed download can go on from. Foundation on Linux lacks the key's name.
    var downloadResumeData: Data? {
        userInfo["NSURLSessionDownloadTaskResumeData"] as? Data
    }

    /// A full volume is at the bottom of several errors.
    var isOutOfSpace: Bool {
        switch (domain, code) {
        case (NSPOSIXErrorDomain, Int(ENOSPC)), (NSPOSIXErrorDomain, Int(EDQUOT)): true
        case (NSCocoaErrorDomain, CocoaError.fileWriteOutOfSpace.rawValue): true
        default: (userInfo[NSUnderlyingErrorKey] as? NSError)?.isOutOfSpace ?? false
        }
    }
}
