// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let csv = Target.Dependency.product(name: "SwiftCSV", package: "SwiftCSV")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "baton",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "AMQP", targets: ["AMQP"]),
        .library(name: "JMESPath", targets: ["JMESPath"]),
        .library(name: "JSONSchema", targets: ["JSONSchema"]),
        .library(name: "BatonModel", targets: ["BatonModel"]),
        .library(name: "BatonWire", targets: ["BatonWire"]),
        .library(name: "BatonEngine", targets: ["BatonEngine"]),
        .library(name: "BatonStore", targets: ["BatonStore"]),
        .library(name: "BatonWorker", targets: ["BatonWorker"]),
        .library(name: "BatonClient", targets: ["BatonClient"]),
        .library(name: "BatonTesting", targets: ["BatonTesting"]),
        .executable(name: "baton", targets: ["baton"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.2.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.16.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.0.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV.git", from: "0.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.25.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.8.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    ],
    targets: [
        // The broker's protocol, usable alone.
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        library("AMQP", ["CRabbitMQ", logging, deque]),

        // The expression language, and the schemas; each usable alone.
        library("JMESPath"),
        .target(
            name: "CJSONSchema", cxxSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("m")]),
        library("JSONSchema", ["CJSONSchema"]),

        // Values, and what crosses the broker.
        library("BatonModel", [yams, heap]),
        library("BatonWire", ["BatonModel"]),

        // Decisions, state, transport.
        library("BatonEngine", ["BatonModel", "JMESPath", "JSONSchema", csv]),
        library("BatonStore", ["BatonModel", grdb, sqlite]),
        library("BatonBroker", ["AMQP", "BatonModel", "BatonWire", logging, deque]),

        // The service and its interfaces.
        library(
            "BatonCoordinator",
            ["BatonModel", "BatonWire", "JSONSchema", "BatonEngine", "BatonStore", "BatonBroker", logging, deque, crypto]),
        library("BatonDrawing", ["BatonModel"]),
        library("BatonHTTP", ["BatonModel", "BatonDrawing", "BatonCoordinator", hummingbird, lifecycle, logging, crypto, jwt]),

        // What users import.
        library("BatonWorker", ["BatonModel", "BatonWire", "BatonBroker", logging, deque, heap, httpClient, lifecycle]),
        library("BatonClient", ["BatonModel", httpClient]),
        // Holds workers of any language against the wire.
        library("BatonConformance", ["AMQP", "BatonBroker", "BatonModel", "BatonWire", logging]),
        library(
            "BatonTesting",
            ["BatonModel", "BatonWire", "BatonBroker", "BatonEngine", "BatonStore", "BatonCoordinator", "BatonWorker", logging]),

        // Everything at once, in one thread, by seeds.
        library(
            "BatonSimulation",
            ["BatonModel", "BatonWire", "BatonEngine", "BatonStore", "BatonBroker", "BatonCoordinator", logging, deque]),

        // What a person does to a cluster from outside: look at what is parked, find out what is wrong.
        library("BatonOperator", ["AMQP", "BatonModel", "BatonWire", "BatonBroker", "BatonClient", crypto, httpClient, logging]),

        .executableTarget(
            name: "baton",
            dependencies: [
                "BatonModel", "BatonBroker", "BatonStore", "BatonCoordinator", "BatonWorker", "BatonHTTP", "BatonClient",
                "BatonConformance", "BatonDrawing", "BatonOperator", arguments, lifecycle, logging, yams,
            ],
            swiftSettings: settings),
        // Feeds what reads from outside with what nobody meant to send.
        library("BatonFuzzing", ["AMQP", "BatonModel", "BatonWire", "BatonEngine", "JMESPath", "JSONSchema"]),

        .executableTarget(name: "simulate", dependencies: ["BatonSimulation", arguments], swiftSettings: settings),
        .executableTarget(
            name: "OrderWorker", dependencies: ["BatonModel", "BatonWorker"], path: "Examples/OrderWorker", swiftSettings: settings),
        .executableTarget(
            name: "OrderGraph", dependencies: ["BatonModel", "BatonWorker", "BatonClient"], path: "Examples/OrderGraph",
            swiftSettings: settings),

        tests("AMQPTests", ["AMQP", logging]),
        tests("JMESPathTests", ["JMESPath"]),
        tests("JSONSchemaTests", ["JSONSchema"]),
        tests("BatonModelTests", ["BatonModel"]),
        tests("BatonWireTests", ["BatonModel", "BatonWire", "JSONSchema", yams]),
        tests("BatonConformanceTests", ["BatonWire", "BatonConformance"]),
        tests("BatonDrawingTests", ["BatonModel", "BatonDrawing"]),
        tests("BatonEngineTests", ["BatonModel", "BatonEngine"]),
        tests("BatonStoreTests", ["BatonModel", "BatonStore", grdb]),
        tests("BatonBrokerTests", ["BatonBroker", "BatonWire", "AMQP", logging]),
        tests(
            "BatonCoordinatorTests",
            [
                "BatonModel", "BatonWire", "BatonEngine", "BatonStore", "BatonBroker", "BatonCoordinator", "BatonWorker",
                "BatonTesting", logging,
            ]),
        tests("BatonWorkerTests", ["BatonModel", "BatonWire", "BatonBroker", "BatonWorker"]),
        tests(
            "BatonHTTPTests",
            [
                "BatonModel", "BatonCoordinator", "BatonHTTP", "BatonClient", hummingbird, lifecycle, crypto, cryptoExtras,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        tests("SimulationTests", ["BatonSimulation"]),
        tests(
            "FuzzTests",
            [
                "AMQP", "CRabbitMQ", "BatonModel", "BatonEngine", "BatonCoordinator", "BatonHTTP", "BatonFuzzing", "baton", hummingbird, logging,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        tests("BatonOperatorTests", ["AMQP", "BatonModel", "BatonWire", "BatonOperator"]),
        // Real processes: the executable has to be there before they run.
        tests("ClusterTests", ["baton", "BatonModel", "BatonWire", "BatonWorker", "AMQP", httpClient, logging]),
    ],
    cxxLanguageStandard: .cxx17
)

// The libFuzzer executable: only `deploy/fuzz` builds it, with the flags that it needs.
if Context.environment["BATON_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(name: "fuzz", dependencies: ["BatonFuzzing"], path: "Tests/Fuzz", exclude: ["corpus", "README.md"], swiftSettings: settings))
}
