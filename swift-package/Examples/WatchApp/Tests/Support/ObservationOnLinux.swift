/// Swift 6.0's library of Observation for Linux wants this function, and no other library has it: nothing that uses
/// `@Observable` could be linked. It is called when a lock of the system's fails.
@_cdecl("_ZN5swift9threading5fatalEPKcz")
func fatalInThreading(_ message: UnsafePointer<CChar>) -> Never {
    fatalError(String(cString: message))
}
