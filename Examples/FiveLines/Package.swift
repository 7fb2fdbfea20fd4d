// swift-tools-version: 6.2
import PackageDescription

// A package of someone else's that uses the numeric core alone: nothing but Swift is needed to build it.
let package = Package(
    name: "FiveLines",
    dependencies: [.package(name: "apatite", path: "../..")],
    targets: [
        .executableTarget(name: "FiveLines", dependencies: [.product(name: "DualEnergyCT", package: "apatite")])
    ]
)
