/// How long the platform waits and how often it wakes. [D] is documented, [O] was observed by others, the rest is
/// an assumption on the strict side.
public struct Limits: Sendable {
    /// For a wake on a phone [D].
    public var phoneWake = Duration.seconds(30)
    /// For a wake on a watch [O].
    public var watchWake = Duration.seconds(15)
    /// For a processing task: "minutes" [D].
    public var processing = Duration.minutes(5)
    /// For `beginBackgroundTask`, from the moment the app is in the background [O].
    public var backgroundTask = Duration.seconds(30)
    /// An expiration handler is called this long before the limit.
    public var warning = Duration.seconds(5)
    /// An app that holds no ticket is suspended this long after it came to the background [D].
    public var graceInBackground = Duration.seconds(5)
    /// A watch app stays frontmost this long after the wrist went down [D].
    public var frontmost = Duration.minutes(2)
    /// Wakes of a watch app with a complication on the active face, in any hour [D].
    public var watchWakesPerHour = 4
    /// Between two wakes of a watch app [D].
    public var betweenWatchWakes = Duration.minutes(15)
    /// `isProtectedDataAvailable` turns false this long after the device was locked [D].
    public var protectedDataAfterLock = Duration.seconds(10)
}

extension Duration {
    public static func minutes(_ minutes: Int) -> Duration { .seconds(minutes * 60) }
    public static func hours(_ hours: Int) -> Duration { .seconds(hours * 3600) }

    /// In seconds, as `Date` wants it.
    var timeInterval: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
