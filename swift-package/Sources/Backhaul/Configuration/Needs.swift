/// What must hold for a task to run: a set of conditions, each with the reason that a task gives while it
/// waits for it. The numbers are the same in every language and never change their meaning.
public struct Needs: OptionSet, Sendable, Hashable {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// A network that leads anywhere.
    public static let network = Needs(rawValue: 1 << 0)
    /// Not a mobile network.
    public static let notCellular = Needs(rawValue: 1 << 1)
    /// A network that does not cost money by volume.
    public static let notExpensive = Needs(rawValue: 1 << 2)
    /// No Low Data Mode.
    public static let notConstrained = Needs(rawValue: 1 << 3)
    /// For discretionary work: a charger and an unmetered network.
    public static let ease = Needs(rawValue: 1 << 4)
    /// For discretionary work whose deadline nears: a charger or an unmetered network.
    public static let easeHalf = Needs(rawValue: 1 << 5)
    /// For discretionary work: the battery is not being saved.
    public static let notLowPower = Needs(rawValue: 1 << 6)
    /// For discretionary work: a device that is not warm.
    public static let notWarm = Needs(rawValue: 1 << 7)
    /// For discretionary work: the volume is not short of room.
    public static let room = Needs(rawValue: 1 << 8)
    /// For discretionary work of an app that is rarely used: a charger. Android's.
    public static let chargerIfRare = Needs(rawValue: 1 << 9)
    /// A device that is not too hot for any work.
    public static let notHot = Needs(rawValue: 1 << 10)
    /// Files that are protected while the device is locked can be read and written.
    public static let unlocked = Needs(rawValue: 1 << 11)
    /// The app has run time: it is in front, or the platform lent it a wake.
    public static let awake = Needs(rawValue: 1 << 12)
    /// For work that was started in the background: the launch limiter is open (rule P5).
    public static let rate = Needs(rawValue: 1 << 13)
    /// For a transfer that is large for a watch: a charger and Wi-Fi (rule P8).
    public static let small = Needs(rawValue: 1 << 14)
    /// No Data Saver. Android's.
    public static let noDataSaver = Needs(rawValue: 1 << 15)
}
