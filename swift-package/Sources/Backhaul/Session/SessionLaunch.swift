import Foundation

/// What one background session is made of: for ``BackgroundSessions``.
public struct SessionLaunch: Sendable {
    let settings: SessionSettings
    let delegate: any SessionDelegate
    let delegateQueue: DelegateQueue

    /// A session with this configuration, told to this delegate.
    public init(
        configuration: SessionConfiguration<Background>,
        delegate: any SessionDelegate,
        delegateQueue: DelegateQueue = .serial
    ) {
        settings = configuration.settings
        self.delegate = delegate
        self.delegateQueue = delegateQueue
    }
}
