import BackhaulTestKit
import Testing

/// The error that a call throws: it must.
func thrown<Value>(_ call: () throws -> Value) throws -> BackhaulError {
    var thrown: (any Error)?
    do {
        _ = try call()
    } catch {
        thrown = error
    }
    return try #require(thrown as? BackhaulError, "thrown: \(String(describing: thrown))")
}
