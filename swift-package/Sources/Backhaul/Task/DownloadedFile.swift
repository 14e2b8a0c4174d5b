internal import BackhaulGenerated
import Foundation

/// A file that arrived: whole, synced, and at its destination (rule D2). It stays there.
public struct DownloadedFile: Sendable, Hashable {
    /// Where it lies.
    public let location: URL
    /// Its length in bytes.
    public let length: Int64
    /// The answer that it came with.
    public let response: Response?
    /// It was continued on an overlap comparison alone: ``ResumePolicy/lenient`` (rule R5).
    public let isValidatorWeak: Bool
    /// The server ended it by closing the connection, and nothing else vouches for its length (rule R8).
    public let isLengthUnverified: Bool
}

extension DownloadedFile {
    init(_ file: BackhaulGenerated.DownloadedFile) {
        location = URL(fileURLWithPath: file.location, isDirectory: false)
        length = Int64(count: file.len)
        response = file.response.map(Response.init)
        isValidatorWeak = file.validatorWeak
        isLengthUnverified = file.lengthUnverified
    }
}
