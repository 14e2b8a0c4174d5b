import Foundation

/// The kind of a configuration whose session ends with the process (rule S8).
public enum Foreground: Sendable {}

/// The kind of a configuration whose session outlives the process (rule S7).
public enum Background: Sendable {}

/// How a session behaves (section C of the contract). A session copies its configuration.
///
/// The kind is part of the type, so that what is impossible does not compile: a background session cannot be
/// made without a delegate (rule S2).
///
/// ```swift
/// var configuration = try SessionConfiguration.background(withIdentifier: "com.example.maps")
/// configuration.timeoutIntervalForResource = .seconds(24 * 60 * 60)
/// ```
public struct SessionConfiguration<Kind>: Sendable {
    var settings: SessionSettings

    /// The identifier of a background session.
    public var identifier: String? { settings.identifier }
}

extension SessionConfiguration where Kind == Foreground {
    /// A session that ends with the process.
    public static var `default`: SessionConfiguration<Foreground> {
        SessionConfiguration(settings: SessionSettings(.default))
    }

    /// As a default one, and it shares nothing with any other.
    public static var ephemeral: SessionConfiguration<Foreground> {
        SessionConfiguration(settings: SessionSettings(.ephemeral))
    }
}

extension SessionConfiguration where Kind == Background {
    /// A background session, known by its identifier at every launch (rules S1, S7).
    ///
    /// - Throws: ``BackhaulError/Kind/invalidIdentifier`` when it is empty or longer than 1,024 bytes.
    public static func background(
        withIdentifier identifier: String
    ) throws(BackhaulError) -> SessionConfiguration<Background> {
        try SessionConfiguration(settings: SessionSettings(.background(identifier: checked(identifier))))
    }

    /// A background session with the limits of a watch (rule P8): transfers larger than 5 MiB wait for a
    /// charger and Wi-Fi, a wake lasts ten seconds, and no more than four wakes an hour are asked for.
    ///
    /// - Throws: As ``background(withIdentifier:)``.
    public static func watch(
        withIdentifier identifier: String
    ) throws(BackhaulError) -> SessionConfiguration<Background> {
        try SessionConfiguration(settings: SessionSettings(.watch(identifier: checked(identifier))))
    }

    /// Said here, and again by the core when the session is made: a mistake shows where it is made.
    private static func checked(_ identifier: String) throws(BackhaulError) -> String {
        let isBlank = identifier.allSatisfy(\.isWhitespace)
        guard !isBlank, identifier.utf8.count <= 1024 else {
            throw BackhaulError(
                .invalidIdentifier,
                "a background session needs an identifier of 1 to 1,024 bytes, such as \"com.example.maps\""
            )
        }
        return identifier
    }
}

extension SessionConfiguration where Kind == Background {
    /// Whether the app may be woken for this session. Without, nothing wakes it, and events wait in the
    /// journal. Default: true.
    public var sessionSendsLaunchEvents: Bool {
        get { settings.sendsLaunchEvents }
        set { settings.sendsLaunchEvents = newValue }
    }

    /// When the delegate is told while the app is not in front (rule W2). Default: coalesced.
    public var deliveryPolicy: DeliveryPolicy {
        get { settings.deliveryPolicy }
        set { settings.deliveryPolicy = newValue }
    }

    /// What becomes of tasks when the user ends the app by force (rule W6). Default: they report it.
    public var forceQuitPolicy: ForceQuitPolicy {
        get { settings.forceQuitPolicy }
        set { settings.forceQuitPolicy = newValue }
    }

    /// The limits of a watch (rule P8); nil leaves those of the kind of configuration.
    public var watchBudget: WatchBudget? {
        get { settings.watchBudget }
        set { settings.watchBudget = newValue }
    }

    /// Who asks the platform for the next wake (rule P6).
    public var wakeScheduler: (any WakeScheduler)? {
        get { settings.wakeScheduler }
        set { settings.wakeScheduler = newValue }
    }
}
