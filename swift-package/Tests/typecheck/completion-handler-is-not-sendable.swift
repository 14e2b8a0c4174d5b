// ios 6 error: capture of 'completionHandler' with non-sendable type '() -> Void' in a `@Sendable` closure
import UIKit

final class AppDelegate: NSObject, UIApplicationDelegate {
    func application(
        _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {
        DispatchQueue.global().async { completionHandler() }
    }
}
