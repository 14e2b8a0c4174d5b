import Foundation
import UIKit
import WatchKit

@MainActor
final class EmptyPhoneApp: NSObject, UIApplicationDelegate {}

@MainActor
final class EmptyWatchApp: NSObject, WKApplicationDelegate {}
