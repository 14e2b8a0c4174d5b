// ios 6 ok
import UIKit

#if os(iOS) && canImport(BackgroundTasks) && !canImport(WatchKit)
    let chosen = "iOS"
#endif

func choice() -> String { chosen }
