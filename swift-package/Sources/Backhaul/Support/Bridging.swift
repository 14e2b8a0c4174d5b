internal import BackhaulGenerated
import Foundation

// Between the types of the bindings and Foundation's. Nothing is decided here.

/// Calls the library, and throws what it throws as the error that apps know (rule E3).
package func bridged<Value>(_ call: () throws -> Value) throws(BackhaulError) -> Value {
    do {
        return try call()
    } catch {
        throw BackhaulError(thrown: error)
    }
}

/// As above, without blocking the caller. Whoever stops waiting does not stop the work.
func bridged<Value: Sendable>(
    _ call: @Sendable () async throws -> Value
) async throws(BackhaulError) -> Value {
    do {
        return try await call()
    } catch {
        throw BackhaulError(thrown: error)
    }
}

/// Runs code of the app for the library: what it throws crosses as a value, never as a panic.
package func reporting<Value>(_ call: () throws -> Value) throws -> Value {
    do {
        return try call()
    } catch {
        throw BackhaulGenerated.CallbackError.Failed(reason: String(describing: error))
    }
}

extension Duration {
    /// In seconds; never negative, as the library wants it.
    package var interval: TimeInterval {
        let (seconds, attoseconds) = components
        return max(0, TimeInterval(seconds) + TimeInterval(attoseconds) * 1e-18)
    }

    package init(interval: TimeInterval) {
        self = .seconds(interval)
    }
}

extension Int64 {
    /// A count of bytes: Foundation counts in `Int64`.
    init(count: UInt64) {
        self.init(clamping: count)
    }
}

extension UInt64 {
    init(count: Int64) {
        self.init(clamping: count)
    }
}

extension Optional where Wrapped == UInt64 {
    var count: Int64? { map(Int64.init(count:)) }
}

extension Optional where Wrapped == Int64 {
    var count: UInt64? { map(UInt64.init(count:)) }
}
