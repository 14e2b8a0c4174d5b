import Foundation

extension Process {
    /// Starts it with pipes, one process at a time.
    ///
    /// Foundation closes in a child what is open when it looks. A pipe that another test makes after that goes into the
    /// child too, and its end is seen only when that child is over as well: perhaps never.
    func runWithPipes() throws -> (input: FileHandle, output: FileHandle) {
        try Self.starting.withLock {
            let (input, output) = (Pipe(), Pipe())
            standardInput = input
            standardOutput = output
            try run()
            return (input.fileHandleForWriting, output.fileHandleForReading)
        }
    }

    private static let starting = NSLock()
}
