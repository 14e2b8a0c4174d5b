// ios 6 error: main actor-isolated class property 'shared' can not be referenced from a nonisolated context
import UIKit

func isActive() -> Bool {
    UIApplication.shared.applicationState == .active
}
