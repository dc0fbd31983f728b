// swift-tools-version: 6.2
import PackageDescription

// One graph for everything. What may import what is decided here and held by Tests/ConventionTests:
// Main -> service library -> BaritoService, BaritoCore -> wrappers of C libraries -> their own C module.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]
/// Everything but the wrappers of C libraries: an unsafe pointer is an error there.
let safe = settings + [.strictMemorySafety()]

func cLibrary(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(name: name, path: "Libraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

/// A thin wrapper over one C library: the only kind of target where unsafe code may be.
func wrapper(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Libraries/\(name)", swiftSettings: settings)
}

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Libraries/\(name)", swiftSettings: safe)
}

func service(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(
    name: "Barito\(name)", dependencies: ["BaritoCore", "BaritoService"] + dependencies,
    path: "Services/\(name)/Sources/Barito\(name)", resources: resources, swiftSettings: safe)
}

func main(_ product: String, of service: String, path: String = "Main") -> Target {
  let folder = service.replacing("Barito", with: "").replacing("Command", with: "")
  return .executableTarget(
    name: product, dependencies: [.init(stringLiteral: service)], path: "Services/\(folder)/Sources/\(path)",
    swiftSettings: safe)
}

/// - Parameter exclude: what tests read as files where they stand, and no compiler should look at.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestKit"], path: "Tests/\(name)Tests", exclude: exclude,
    swiftSettings: settings)
}

extension String {
  func replacing(_ text: String, with other: String) -> String { split(separator: text).joined(separator: other) }
}

/// What fuzzing runs is tested as part of a test target, since it looks into modules, which only a debug build allows.
/// `make fuzz` builds it with libFuzzer, as a program.
let fuzzing: [Target] =
  Context.environment["BARITO_FUZZING"] == nil
  ? [
    .testTarget(
      name: "FuzzTests", dependencies: ["BaritoCore", "BaritoFlow", "BaritoRouter", "Compression", "TestKit"],
      path: "Tests/FuzzTests",
      exclude: ["Corpus", "CFuzzer", "Driver", "fuzz.py"], swiftSettings: settings)
  ]
  : [
    .target(
      name: "FuzzTargets", dependencies: ["BaritoCore", "BaritoFlow", "BaritoRouter", "Compression"],
      path: "Tests/FuzzTests/Targets",
      swiftSettings: settings),
    .systemLibrary(name: "CFuzzer", path: "Tests/FuzzTests/CFuzzer"),
    .executableTarget(
      name: "barito-fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/FuzzTests/Driver",
      swiftSettings: settings),
  ]

let package = Package(
  name: "barito",
  products: [
    .executable(name: "barito-market", targets: ["barito-market"]),
    .executable(name: "barito-router", targets: ["barito-router"]),
    .executable(name: "barito-flow", targets: ["barito-flow"]),
    .executable(name: "barito-tail", targets: ["barito-tail"]),
    .executable(name: "barito-provisioner", targets: ["barito-provisioner"]),
    .executable(name: "baritotail", targets: ["baritotail"]),
    // Preloaded into programs by tests alone.
    .library(name: "JumpingClock", type: .dynamic, targets: ["CJumpingClock"]),
  ],
  targets: [
    cLibrary("CRdkafka", pkgConfig: "rdkafka", debian: "librdkafka-dev"),
    cLibrary("CLibpq", pkgConfig: "libpq", debian: "libpq-dev"),
    cLibrary("CCurl", pkgConfig: "libcurl", debian: "libcurl4-openssl-dev"),
    cLibrary("CMicroHTTPD", pkgConfig: "libmicrohttpd", debian: "libmicrohttpd-dev"),
    cLibrary("CCrypto", pkgConfig: "libcrypto", debian: "libssl-dev"),
    cLibrary("CDeflate", pkgConfig: "libdeflate", debian: "libdeflate-dev"),
    cLibrary("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
    cLibrary("CSnappy", pkgConfig: "snappy", debian: "libsnappy-dev"),
    cLibrary("CPCRE2", pkgConfig: "libpcre2-8", debian: "libpcre2-dev"),
    cLibrary("CEvent", pkgConfig: "libevent_openssl", debian: "libevent-dev"),

    .systemLibrary(name: "CMalloc", path: "Libraries/CMalloc"),
    wrapper("Blocking", []),
    .target(name: "CEpollBound", path: "Libraries/CEpollBound"),
    wrapper("HTTP", ["CMicroHTTPD", "CEpollBound", "Logging"]),
    wrapper("Kafka", ["CRdkafka", "Blocking", "Logging"]),
    wrapper("KafkaTesting", ["CRdkafka", "Kafka"]),
    wrapper("Postgres", ["CLibpq", "Blocking", "Logging"]),
    wrapper("Curl", ["CCurl", "Blocking"]),
    wrapper("Compression", ["CDeflate", "CZstd", "CSnappy"]),
    wrapper("Cryptography", ["CCrypto"]),
    wrapper("Regex", ["CPCRE2"]),
    wrapper("Streams", ["CEvent", "Logging"]),
    wrapper("Logging", []),
    wrapper("Lifecycle", ["CMalloc", "Logging"]),
    wrapper("PostgresTesting", ["Postgres"]),
    library("HTML"),
    library("Metrics"),
    library("Settings"),
    library("BaritoCore"),
    library("Redaction", ["BaritoCore", "Regex"]),
    library(
      "BaritoService",
      [
        "BaritoCore", "Blocking", "Cryptography", "Curl", "HTTP", "Kafka", "Lifecycle", "Logging", "Metrics",
        "Settings",
      ]),

    service(
      "Market",
      [
        "Blocking", "Cryptography", "Curl", "HTML", "HTTP", "Kafka", "Lifecycle", "Logging", "Metrics", "Postgres",
        "Redaction", "Settings",
      ],
      resources: [
        .embedInCode("Web/Assets"), .embedInCode("Web/Shipping/Configurations"), .embedInCode("Store/Migrations"),
      ]),
    service(
      "Router",
      [
        "Compression", "Cryptography", "HTTP", "Kafka", "Lifecycle", "Logging", "Metrics", "Settings", "Streams",
      ]),
    service("Flow", ["Curl", "Kafka", "Lifecycle", "Logging", "Metrics", "Redaction", "Settings"]),
    service(
      "Tail",
      ["Cryptography", "Curl", "HTTP", "Kafka", "Lifecycle", "Logging", "Metrics", "Redaction", "Regex", "Settings"]),
    .target(
      name: "BaritoTailCommand", dependencies: ["BaritoCore", "Curl", "Lifecycle", "Logging", "Settings"],
      path: "Services/Tail/Sources/BaritoTailCommand", swiftSettings: safe),
    service("Provisioner", ["Curl", "Kafka", "Lifecycle", "Logging", "Metrics", "Settings"]),

    main("barito-market", of: "BaritoMarket"),
    main("barito-router", of: "BaritoRouter"),
    main("barito-flow", of: "BaritoFlow"),
    main("barito-tail", of: "BaritoTail"),
    main("barito-provisioner", of: "BaritoProvisioner"),
    main("baritotail", of: "BaritoTailCommand", path: "CLI"),

    // Talks to librdkafka without the wrapper too, which is what the wrapper is compared with.
    .systemLibrary(name: "CProcess", path: "Benchmarks/Sources/CProcess"),
    .target(
      name: "BaritoBench",
      dependencies: [
        "BaritoCore", "BaritoRouter", "BaritoService", "Compression", "CProcess", "CRdkafka", "Logging", "Redaction",
        "Settings",
      ],
      path: "Benchmarks/Sources/BaritoBench", swiftSettings: settings),
    .executableTarget(
      name: "barito-bench", dependencies: ["BaritoBench"], path: "Benchmarks/Sources/Main", swiftSettings: settings),
    // In C, so that it costs what the library does and nothing else.
    .executableTarget(
      name: "barito-bench-microhttpd", dependencies: ["CEpollBound"], path: "Benchmarks/Sources/BareServer",
      linkerSettings: [.linkedLibrary("microhttpd")]),

    .target(name: "CJumpingClock", path: "Tests/CJumpingClock"),
    .target(name: "TestKit", path: "Tests/TestKit", swiftSettings: settings),
    .target(
      name: "FaultKit", dependencies: ["BaritoCore", "Curl", "Kafka", "TestKit"], path: "Tests/FaultKit",
      swiftSettings: settings),
    .target(
      name: "PathfinderSimulator", dependencies: ["BaritoCore", "HTTP"], path: "Tests/PathfinderSimulator",
      swiftSettings: settings),
    tests("HTTP", ["HTTP", "Logging"]),
    tests("Kafka", ["Kafka", "KafkaTesting", "Logging"]),
    tests("Postgres", ["Postgres", "PostgresTesting", "Logging"]),
    tests("Curl", ["Curl"]),
    tests("Compression", ["Compression"], exclude: ["Fixtures"]),
    tests("Cryptography", ["Cryptography"]),
    tests("Regex", ["Regex"]),
    tests("Streams", ["Streams", "Logging"]),
    tests("Logging", ["Logging"]),
    tests("Lifecycle", ["Lifecycle", "Logging"]),
    tests("HTML", ["HTML"]),
    tests("Metrics", ["Metrics"]),
    tests("Settings", ["Settings"]),
    tests("BaritoCore", ["BaritoCore"], exclude: ["Fixtures"]),
    tests("Redaction", ["Redaction", "BaritoCore", "Regex"]),
    tests(
      "BaritoService", ["BaritoService", "BaritoCore", "Curl", "HTTP", "Lifecycle", "Logging", "Metrics", "Settings"]),
    tests(
      "BaritoMarket",
      [
        "BaritoMarket", "BaritoCore", "BaritoService", "Cryptography", "Curl", "HTML", "HTTP", "Kafka", "KafkaTesting",
        "Lifecycle", "Logging", "Metrics", "Postgres", "PostgresTesting", "Redaction", "Settings",
      ]),
    tests(
      "BaritoRouter",
      [
        "BaritoRouter", "BaritoCore", "BaritoService", "Compression", "Cryptography", "Curl", "HTTP", "Kafka",
        "KafkaTesting", "Lifecycle", "Logging", "Metrics", "Settings", "Streams",
      ], exclude: ["Fixtures"]),
    tests(
      "BaritoFlow",
      [
        "BaritoFlow", "BaritoCore", "BaritoService", "Curl", "HTTP", "Kafka", "KafkaTesting", "Lifecycle", "Logging",
        "Metrics", "Redaction", "Settings",
      ]),
    tests(
      "BaritoTail",
      [
        "BaritoTail", "BaritoTailCommand", "BaritoCore", "BaritoService", "Curl", "HTTP", "Kafka", "KafkaTesting",
        "Lifecycle", "Logging", "Metrics", "Settings",
      ]),
    tests(
      "BaritoProvisioner",
      [
        "BaritoProvisioner", "BaritoCore", "BaritoService", "Curl", "HTTP", "Kafka", "KafkaTesting", "Lifecycle",
        "Logging", "Metrics", "PathfinderSimulator", "Settings", "barito-provisioner",
      ]),
    tests("Acceptance", ["BaritoCore", "Compression", "Curl", "Postgres", "PostgresTesting"]),
    tests(
      "BaritoBench", ["BaritoBench", "BaritoCore", "BaritoFlow", "BaritoRouter", "Compression", "Kafka", "Settings"]),
    tests("Shipper", ["BaritoCore", "BaritoService", "Curl", "Kafka", "KafkaTesting", "barito-router"]),
    tests(
      "RouterFault", ["BaritoCore", "BaritoService", "Curl", "FaultKit", "Kafka", "KafkaTesting", "barito-router"]),
    tests("FlowFault", ["BaritoCore", "BaritoService", "Curl", "FaultKit", "Kafka", "barito-flow"]),
    tests("Convention"),
  ] + fuzzing,
  swiftLanguageModes: [.v6]
)
