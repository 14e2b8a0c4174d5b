import Foundation

// As `URLSession` has them.
extension Session {
    /// Makes a default or ephemeral session whose delegate is called on an operation queue; nil is one of the session's
    /// own.
    public convenience init(
        configuration: SessionConfiguration<Foreground>,
        delegate: (any SessionDelegate)?,
        delegateQueue: OperationQueue?
    ) throws(BackhaulError) {
        let queue = delegateQueue.map(DelegateQueue.operationQueue) ?? .serial
        try self.init(configuration: configuration, delegate: delegate, delegateQueue: queue)
    }

    /// Makes a background session whose delegate is called on an operation queue; nil is one of the session's own.
    public convenience init(
        configuration: SessionConfiguration<Background>,
        delegate: any SessionDelegate,
        delegateQueue: OperationQueue?
    ) throws(BackhaulError) {
        let queue = delegateQueue.map(DelegateQueue.operationQueue) ?? .serial
        try self.init(configuration: configuration, delegate: delegate, delegateQueue: queue)
    }
}
