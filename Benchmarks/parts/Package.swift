// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "micro-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "baton", path: "../.."),
        // Without its traits, which put counting allocators in: allocations are counted here, at less cost.
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
    ],
    targets: [
        .target(name: "CAllocations", path: "Sources/CAllocations", cSettings: [.treatAllWarnings(as: .error)]),
        // The plugin takes a target for benchmarks where the folder around the target's is called Benchmarks; hence the path.
        .executableTarget(
            name: "Micro",
            dependencies: [
                "CAllocations",
                .product(name: "AMQP", package: "baton"),
                .product(name: "BatonEngine", package: "baton"),
                .product(name: "BatonModel", package: "baton"),
                .product(name: "BatonStore", package: "baton"),
                .product(name: "BatonWire", package: "baton"),
                .product(name: "JMESPath", package: "baton"),
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: ".",
            exclude: ["Sources/CAllocations"],
            sources: ["Sources/Micro"],
            swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    cxxLanguageStandard: .cxx17
)
