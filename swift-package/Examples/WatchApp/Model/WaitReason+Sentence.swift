import Backhaul

extension WaitReason {
    /// One short sentence for the small screen. What would help, in full, is ``WaitReason/unblockedBy``.
    var sentence: String {
        switch self {
        case .suspended: "Paused."
        case .earliestBeginDate: "Begins later."
        case .connectivity: "Waits for a network."
        case .cellularNotAllowed: "Waits for Wi-Fi."
        case .expensiveNotAllowed: "Waits for a network that costs nothing."
        case .constrainedNotAllowed: "Waits until Low Data Mode is off."
        case .discretionary: "Waits for a good moment, such as charging."
        case .lowPower: "Waits until Low Power Mode is off."
        case .thermal: "Waits for the watch to cool down."
        case .storage: "Waits for free space."
        case .retryBackoff: "Did not work, tries again soon."
        case .retryAfter: "The server asked for some patience."
        case .hostLimit: "Waits for its turn at the server."
        case .groupLimit: "Waits for others of its kind."
        case .sessionLimit: "Waits for its turn."
        case .wakeBudget: "Large: waits for charger and Wi-Fi."
        case .launchRateLimit: "Waits a little, to save the battery."
        case .authentication: "Waits for you to sign in."
        case .dependency: "Waits for the download before it."
        case .protectedData: "Waits until the watch is unlocked."
        }
    }
}
