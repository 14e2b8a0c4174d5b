import Foundation
import Testing

import enum BackhaulGenerated.ErrorKind

@testable import Backhaul

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What the errors of `URLSession` mean.
@Suite("Errors of URLSession")
struct FailureTests {
    private func end(_ code: Int, _ userInfo: [String: Any] = [:], domain: String = NSURLErrorDomain) -> TransferEnd {
        TransferEnd(NSError(domain: domain, code: code, userInfo: userInfo))
    }

    private func failure(_ code: Int, _ userInfo: [String: Any] = [:], domain: String = NSURLErrorDomain) throws
        -> TransferFailure
    {
        guard case .failed(let failure) = end(code, userInfo, domain: domain) else {
            throw CancellationError()
        }
        return failure
    }

    @Test(arguments: [
        (-995, ErrorKind.invalidRequest), (-996, .sessionInUse), (-997, .connectionLost), (-1, .connectionLost),
        (-1000, .invalidUrl), (-1001, .requestTimedOut), (-1002, .unsupportedScheme), (-1003, .cannotConnect),
        (-1004, .cannotConnect), (-1005, .connectionLost), (-1006, .cannotConnect), (-1007, .tooManyRedirects),
        (-1008, .cannotConnect), (-1009, .cannotConnect), (-1010, .redirectRefused), (-1011, .connectionLost),
        (-1012, .invalidRequest), (-1013, .invalidRequest), (-1014, .invalidResponse), (-1015, .invalidResponse),
        (-1016, .invalidResponse), (-1017, .invalidResponse), (-1018, .cannotConnect), (-1019, .cannotConnect),
        (-1020, .cannotConnect), (-1022, .plainHttpNotAllowed), (-1100, .file), (-1101, .file), (-1102, .file),
        (-1103, .responseTooLarge), (-1200, .tls), (-1201, .tls), (-1202, .tls), (-1203, .tls), (-1204, .tls),
        (-1205, .tls), (-1206, .tls), (-2000, .cannotConnect), (-3000, .file), (-3001, .file), (-3002, .file),
        (-3003, .file), (-3004, .file), (-3005, .file), (-3006, .invalidResponse), (-3007, .invalidResponse),
        (-98_765, .connectionLost),
    ])
    func haveKinds(code: Int, kind: ErrorKind) throws {
        // rule E3
        let failure = try failure(code)
        #expect(failure.kind == kind)
        #expect(failure.reason.hasSuffix("(URLError \(code))"))
    }

    @Test func aCancelledTransferHasItsReason() throws {
        // rule W6
        let key = NSURLErrorBackgroundTaskCancelledReasonKey
        #expect(try failure(-999, [key: 0]).kind == .userForceQuit)
        #expect(try failure(-999, [key: 1]).reason.contains("refresh in the background"))
        #expect(try failure(-999, [key: 2]).reason.contains("too little"))
        for reason in [1, 2] { #expect(try failure(-999, [key: reason]).kind == .connectionLost, "tried again") }
        #expect(end(-999) == .stopped)
        #expect(end(-999, [key: 4711]) == .stopped)
    }

    @Test func aFullVolumeIsFoundAtTheBottom() throws {
        // rule D9
        let full = NSError(domain: NSPOSIXErrorDomain, code: Int(ENOSPC))
        #expect(try failure(-3003, [NSUnderlyingErrorKey: full]).kind == .noSpace)
        #expect(try failure(Int(ENOSPC), domain: NSPOSIXErrorDomain).kind == .noSpace)
        #expect(try failure(640, domain: NSCocoaErrorDomain).kind == .noSpace)
        #expect(try failure(Int(ECONNRESET), domain: NSPOSIXErrorDomain).kind == .connectionLost)
    }

    @Test(arguments: [(0, "mobile"), (1, "cost money"), (2, "Low Data Mode")])
    func theKindOfNetworkIsSaid(reason: Int, word: String) throws {
        // rule E1
        let failure = try failure(-1009, ["NSURLErrorNetworkUnavailableReasonKey": reason])
        #expect(failure.reason.contains(word))
    }

    @Test func nothingOfTheURLIsInTheMessage() throws {
        // rule E3, rule E4
        let url = "https://user:pass@example.com/?sig=s3cret"
        let failure = try failure(
            -1004, [NSURLErrorFailingURLStringErrorKey: url, NSLocalizedDescriptionKey: "no \(url)"])
        for secret in ["pass", "s3cret", "example.com"] { #expect(!failure.reason.contains(secret)) }
    }

    @Test func resumeDataComesWithAnError() {
        // rule R8
        let data = Data([1, 2])
        let error = NSError(
            domain: NSURLErrorDomain, code: -1005, userInfo: ["NSURLSessionDownloadTaskResumeData": data])
        #expect(error.downloadResumeData == data)
    }
}
