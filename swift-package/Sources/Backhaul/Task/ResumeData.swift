/// What another task can go on from (rule L4): opaque, versioned, and checked when it is used. Of use in the
/// container that made it only.
public struct ResumeData: Sendable, Hashable, RawRepresentable, Codable {
    /// As text, to be kept by the app.
    public let rawValue: String

    /// From kept text. It is checked when a task is made of it.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}
