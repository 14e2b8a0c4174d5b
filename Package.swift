// swift-tools-version: 6.0
//
// At the root of the repository because SwiftPM reads a package that is imported by URL only there. The
// sources are below swift-package.

import Foundation
import PackageDescription

let sources = "swift-package/Sources"

/// The stand-ins for Apple's modules are for our own tests: another package's module of such a name must
/// never collide with them.
let hasStandIns: Bool = {
    #if os(Linux)
        return Context.environment["BACKHAUL_STAND_INS"] == "1"
    #else
        return false
    #endif
}()

/// The C interface: on Apple platforms in the XCFramework, on Linux the installed library.
let interface: Target = {
    #if os(Linux)
        return .systemLibrary(
            name: "BackhaulFFI",
            path: "\(sources)/BackhaulFFI",
            pkgConfig: "backhaul_ffi",
            providers: [
                .apt(["nothing: run bindings/install in Backhaul's folder and set PKG_CONFIG_PATH to what it prints"])
            ]
        )
    #else
        let framework = "swift-package/Backhaul.xcframework"
        guard FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(framework)") else {
            fatalError("\(framework) is missing: run swift-package/build-apple, which builds it")
        }
        return .binaryTarget(name: "BackhaulFFI", path: framework)
    #endif
}()

/// The reasons for what the library calls of Apple's "required reason API". Xcode collects them from the resources of
/// packages.
let privacyManifest = "PrivacyInfo.xcprivacy"
#if os(Linux)
    let (unused, resources): ([String], [Resource]) = ([privacyManifest], [])
#else
    let (unused, resources): ([String], [Resource]) = ([], [.copy(privacyManifest)])
#endif

/// What a target depends on that imports Apple's modules where they are.
let platformModules: [Target.Dependency] =
    hasStandIns
    ? ["StandInSystem", "StandInFoundation", "UIKit", "WatchKit", "BackgroundTasks", "Network"] : []

/// Apple's modules as stand-ins, and the tests of their rules. A target that says `canImport` of one of them depends
/// on it by name, see `platformModules`.
let standIns: [Target] = {
    guard hasStandIns else { return [] }
    func standIn(_ name: String, _ folder: String, dependencies: [Target.Dependency]) -> Target {
        .target(name: name, dependencies: dependencies, path: "swift-package/StandIns/\(folder)")
    }
    return [
        standIn("StandInSystem", "System", dependencies: []),
        standIn("StandInFoundation", "Foundation", dependencies: ["StandInSystem"]),
        standIn("UIKit", "UIKit", dependencies: ["StandInFoundation", "StandInSystem"]),
        standIn("WatchKit", "WatchKit", dependencies: ["StandInFoundation", "StandInSystem"]),
        standIn("BackgroundTasks", "BackgroundTasks", dependencies: ["StandInFoundation", "StandInSystem"]),
        standIn("Network", "Network", dependencies: ["StandInSystem"]),
        .testTarget(
            name: "StandInTests",
            dependencies: platformModules,
            path: "swift-package/Tests/StandInTests"
        ),
        .testTarget(
            name: "PlatformTests",
            dependencies: ["Backhaul", "BackhaulGenerated", "BackhaulTestSupport"] + platformModules,
            path: "swift-package/Tests/PlatformTests"
        ),
    ]
}()

/// What the watch app of the examples does, without its views, and the tests of that.
let watchApp: [Target] = {
    guard hasStandIns else { return [] }
    let folder = "swift-package/Examples/WatchApp"
    return [
        .target(name: "WatchAppContent", path: "\(folder)/Content"),
        .target(
            name: "WatchAppModel",
            dependencies: ["Backhaul", "WatchAppContent"] + platformModules,
            path: "\(folder)/Model"
        ),
        .testTarget(
            name: "WatchAppTests",
            dependencies: [
                "WatchAppModel", "WatchAppContent", "Backhaul", "BackhaulGenerated", "BackhaulTestSupport",
            ] + platformModules,
            path: "\(folder)/Tests"
        ),
    ]
}()

let package = Package(
    name: "backhaul",
    platforms: [.iOS(.v16), .macOS(.v13), .watchOS(.v9)],
    products: [
        .library(name: "Backhaul", targets: ["Backhaul"]),
        .library(name: "BackhaulTestKit", targets: ["BackhaulTestKit"]),
    ],
    targets: [
        interface,
        .target(
            name: "BackhaulGenerated",
            dependencies: ["BackhaulFFI"],
            path: "\(sources)/BackhaulGenerated",
            swiftSettings: [.swiftLanguageMode(.v5)]
        ),
        .target(
            name: "Backhaul",
            dependencies: ["BackhaulGenerated"] + platformModules,
            path: "\(sources)/Backhaul",
            exclude: unused,
            resources: resources
        ),
        .target(
            name: "BackhaulTestKit",
            dependencies: ["Backhaul", "BackhaulGenerated"],
            path: "\(sources)/BackhaulTestKit"
        ),
        // The fault server, recording delegates and the like, for every test target.
        .target(
            name: "BackhaulTestSupport",
            dependencies: ["Backhaul"],
            path: "swift-package/Tests/Support"
        ),
        // An app that is killed and started again.
        .executableTarget(
            name: "backhaul-swift-host",
            dependencies: ["Backhaul"],
            path: "swift-package/Tests/Host"
        ),
        .testTarget(
            name: "BackhaulTests",
            dependencies: [
                "Backhaul", "BackhaulTestKit", "BackhaulGenerated", "BackhaulTestSupport", "backhaul-swift-host",
            ],
            path: "swift-package/Tests/BackhaulTests"
        ),
        // The shared scenarios are in tests/scenarios, or where BACKHAUL_SCENARIOS says.
        .testTarget(
            name: "TestKitTests",
            dependencies: ["Backhaul", "BackhaulTestKit"],
            path: "swift-package/Tests/TestKitTests"
        ),
        .testTarget(
            name: "URLSessionTransportTests",
            dependencies: ["Backhaul", "BackhaulGenerated", "BackhaulTestSupport"],
            path: "swift-package/Tests/URLSessionTransportTests"
        ),
    ] + standIns + watchApp,
    swiftLanguageModes: [.v6]
)
