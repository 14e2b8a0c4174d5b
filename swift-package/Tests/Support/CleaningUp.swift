/// Runs a test and then what cleans up after it: also after a test that failed, which must not make others fail.
public func cleaningUp(
    isolation: isolated (any Actor)? = #isolation,
    after test: () async throws -> Void,
    _ cleanUp: () async throws -> Void
) async throws {
    do {
        try await test()
    } catch {
        try? await cleanUp()
        throw error
    }
    try await cleanUp()
}
