// swift-tools-version: 6.0
import PackageDescription

// A package of its own: nobody who imports Backhaul builds its benchmarks.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "backhaul", path: "../..")],
    targets: [
        .executableTarget(name: "Calls", dependencies: [.product(name: "Backhaul", package: "backhaul")])
    ]
)
