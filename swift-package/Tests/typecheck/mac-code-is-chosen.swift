// macos 6 ok
import Foundation

#if os(macOS) && !canImport(UIKit) && !canImport(WatchKit)
    let chosen = "macOS"
#endif

func choice() -> String { chosen }
