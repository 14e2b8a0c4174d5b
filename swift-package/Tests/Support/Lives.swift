/// Counts objects that live, for a test that waits until they are gone.
public final class Lives: Sendable {
    private let count = Watched(0)

    public init() {}

    /// One more, until what this gives is gone. Hold it as the object's last property: they go in their order.
    public func begin() -> any AnyObject & Sendable {
        count.change { $0 += 1 }
        return Life { [count] in count.change { $0 -= 1 } }
    }

    /// Returns when all are gone.
    ///
    /// - Throws: ``TestFailure`` when one stays.
    public func areOver() async throws {
        try await count.wait(for: "the release of what is used no more") { $0 == 0 }
    }

    private final class Life: Sendable {
        private let end: @Sendable () -> Void

        init(_ end: @escaping @Sendable () -> Void) {
            self.end = end
        }

        deinit {
            end()
        }
    }
}
