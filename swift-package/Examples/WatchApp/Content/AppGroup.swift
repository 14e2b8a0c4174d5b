import Foundation

/// What the app and its widget have in common.
public enum AppGroup {
    /// As in the entitlements of both.
    public static let identifier = "group.dev.backhaul.examples.postcards"
    /// The widget, as WidgetKit is told it.
    public static let widgetKind = "Postcards"

    /// The folder that both can read.
    ///
    /// - Throws: `MissingEntitlement`; always so where there are no app groups, on Linux.
    public static func directory() throws(MissingEntitlement) -> URL {
        #if canImport(Darwin)
            let manager = FileManager.default
            if let url = manager.containerURL(forSecurityApplicationGroupIdentifier: identifier) { return url }
        #endif
        throw MissingEntitlement()
    }
}

/// The app group is not among the process's entitlements.
public struct MissingEntitlement: LocalizedError {
    public var errorDescription: String? {
        "The target has no entitlement for the app group \(AppGroup.identifier)."
    }
}
