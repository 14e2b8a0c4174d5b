// watchos 6 ok
import Foundation

#if os(watchOS) && canImport(WatchKit) && canImport(Darwin) && !canImport(FoundationNetworking) && !os(Linux)
    let chosen = "watchOS"
#endif

func choice() -> String { chosen }
