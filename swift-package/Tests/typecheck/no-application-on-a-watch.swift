// watchos 6 error: 'UIApplication' is unavailable in watchOS
import UIKit

@MainActor func application() -> UIApplication { .shared }
