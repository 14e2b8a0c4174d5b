import Backhaul

/// What a call of the library throws; nil if it throws nothing.
///
/// - Throws: What is not the library's error.
public func failure<Value>(of call: () throws -> Value) throws -> BackhaulError? {
    do {
        _ = try call()
        return nil
    } catch let error as BackhaulError {
        return error
    }
}

/// What a call throws that waits; nil if it throws nothing.
///
/// - Throws: What is not the library's error.
public func eventualFailure<Value>(of call: () async throws -> Value) async throws -> BackhaulError? {
    do {
        _ = try await call()
        return nil
    } catch let error as BackhaulError {
        return error
    }
}
