// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Two switches, both read from the environment so that no source file changes between builds:
// APATITE_WARNINGS_AS_ERRORS=1 is what continuous integration sets, APATITE_TEST_BUILD=1 compiles the
// crash points that the kill tests name. A released binary has neither.
let environment = ProcessInfo.processInfo.environment
let warningsAreErrors = environment["APATITE_WARNINGS_AS_ERRORS"] == "1"
let isTestBuild = environment["APATITE_TEST_BUILD"] == "1"

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
    + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
    + (isTestBuild ? [.define("CRASH_POINTS")] : [])

/// Debian's `dcmtk.pc` requires `sndfile`, for which SwiftPM silently links nothing: the libraries are named here.
let dcmtkLibraries: [LinkerSetting] = [
    "dcmnet", "dcmsr", "dcmseg", "dcmfg", "dcmiod", "dcmjpeg", "dcmjpls", "dcmimage", "dcmimgle", "dcmdata",
    "oflog", "ofstd", "z", "crypto",
].map { .linkedLibrary($0) }

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func room(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies, exclude: exclude,
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "apatite",
    products: [
        .library(name: "DualEnergyCT", targets: ["DualEnergyCT"]),
        .executable(name: "apatited", targets: ["apatited"]),
        .executable(name: "apatite-worker", targets: ["apatite-worker"]),
        .executable(name: "apatitectl", targets: ["apatitectl"]),
        .executable(name: "apatite", targets: ["apatite"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "CDCMTK",
            linkerSettings: dcmtkLibraries),
        .systemLibrary(name: "CMemory"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),

        .target(name: "CProcess"),

        room("DualEnergyCT", ["CMemory"]),
        room("DICOM", ["CDCMTK"]),
        room("Phantom", ["DualEnergyCT", "DICOM"], exclude: ["Tables/generate.py", "Tables/SHA256SUMS"]),
        room("StudyAssembly", ["DICOM", "DualEnergyCT"]),
        room("Report", ["DICOM", "DualEnergyCT", "CCairo"]),
        room("Configuration", ["TOMLKit"]),
        room("Ledger", [.product(name: "GRDB", package: "GRDB.swift")]),
        room("Analysis", ["StudyAssembly", "DualEnergyCT", "Report", "DICOM"]),
        room("Inbox", ["DICOM", "Ledger", logging]),
        room("Outbox", ["DICOM", "Ledger", logging]),
        room("Systemd", ["CSystemd", logging]),
        room(
            "Pipeline",
            [
                "Inbox", "Outbox", "Analysis", "Report", "Ledger", "Configuration", "DICOM", "CProcess", logging,
                serviceLifecycle,
            ]),

        tool(
            "apatited",
            [
                "Pipeline", "Systemd", "Configuration", "Ledger", argumentParser, logging, serviceLifecycle,
                unixSignals,
            ]),
        tool("apatite-worker", ["Analysis", "Configuration", "CProcess"]),
        tool("apatitectl", ["Ledger", "DICOM", "Configuration", argumentParser]),
        tool("apatite", ["Analysis", "Phantom", "DICOM", "Configuration", "CProcess", argumentParser]),

        // The Inbox alone and a sender beside it: what the trace of system calls and `scripts/benchmark ingest` run.
        .executableTarget(
            name: "ingest-tool", dependencies: ["Inbox", "DICOM", "Ledger", logging], path: "Tests/IngestTool",
            swiftSettings: swiftSettings),

        // What `scripts/benchmark accuracy` runs: one experiment a file, a line of JSON for each row of its table.
        .executableTarget(
            name: "accuracy-tool", dependencies: ["DualEnergyCT", "Phantom"], path: "Tests/AccuracyTool",
            swiftSettings: swiftSettings),

        // Maps of synthetic pairs and of raw files: what `scripts/benchmark decomposition` runs.
        .executableTarget(
            name: "decomposition-tool", dependencies: ["DualEnergyCT"], path: "Tests/DecompositionTool",
            swiftSettings: swiftSettings),

        .target(
            name: "TestSupport", dependencies: ["DICOM", "DualEnergyCT"], path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        tests(of: "DICOM"),
        tests(of: "DualEnergyCT"),
        tests(of: "Phantom", ["DICOM", "DualEnergyCT"]),
        tests(of: "StudyAssembly", ["DICOM", "DualEnergyCT", "Phantom"]),
        tests(of: "Report", ["DICOM", "DualEnergyCT", "Analysis", "StudyAssembly"]),
        tests(of: "Configuration"),
        tests(of: "Ledger", ["DICOM"], exclude: ["first-version.sql"]),
        tests(of: "Analysis", ["DICOM", "DualEnergyCT", "Phantom", "StudyAssembly", "Report"]),
        tests(of: "Inbox", ["DICOM", "Ledger", "ingest-tool", logging]),
        tests(of: "Outbox", ["DICOM", "Ledger", "Inbox", logging]),
        tests(
            of: "Pipeline", ["Ledger", "Configuration", "DICOM", "Outbox", "Report", logging, serviceLifecycle]),
    ],
    cxxLanguageStandard: .cxx17
)
