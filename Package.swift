// swift-tools-version: 6.2
// The dependency lists below are the architecture: ChatWire imports nothing, ChatTrace cannot reach
// a socket or a clock, and only ChatPosix talks to the kernel by hand. See docs/ARCHITECTURE.md.
import Foundation
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// The hot path crosses module borders (ChatTrace calls the frame decoder for every segment), and
/// each stream is owned by exactly one caller, so release builds specialise across modules and
/// leave the dynamic exclusivity checks to debug builds.
let fast: [SwiftSetting] =
  strict + [
    .unsafeFlags(
      ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
      .when(configuration: .release))
  ]

/// The pure modules also show every unsafe operation at the place where it happens.
let pure: [SwiftSetting] = fast + [.strictMemorySafety()]

/// `make bench` and `make sim`.
///
/// A generator of captures that shares no code with the decoder, runners that measure, one that
/// simulates by the hundred thousand, a crowd of clients with the plainest server for it, and both
/// ends of connections with the plainest proxy for them.
let benchTargets: [Target] = [
  .executableTarget(
    name: "chat-bench-captures",
    dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
    path: "Benchmarks/chat-bench-captures", swiftSettings: strict),
  .executableTarget(name: "chat-bench-run", path: "Benchmarks/chat-bench-run"),
  .executableTarget(
    name: "chat-bench-core", dependencies: ["ChatWire", "ChatPosix"],
    path: "Benchmarks/chat-bench-core", swiftSettings: fast),
  .executableTarget(
    name: "chat-sim-run", dependencies: ["ChatSimulation", "ChatWire"],
    path: "Benchmarks/chat-sim-run", swiftSettings: fast),
  .target(name: "CBenchSockets", path: "Benchmarks/CBenchSockets"),
  .executableTarget(name: "chat-bench-relay", path: "Benchmarks/chat-bench-relay"),
  .executableTarget(
    name: "chat-bench-fanout",
    dependencies: [
      "ChatWire", "ChatPosix", "ChatProgram", "CBenchSockets",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    path: "Benchmarks/chat-bench-fanout", swiftSettings: fast),
  .executableTarget(name: "chat-bench-forward", path: "Benchmarks/chat-bench-forward"),
  .executableTarget(
    name: "chat-bench-proxy", dependencies: ["CBenchSockets"], path: "Benchmarks/chat-bench-proxy"),
]

/// `make fuzz`: each has its `main` from libFuzzer and links only with `--sanitize=fuzzer`, so it
/// is not part of an ordinary build.
let fuzzTargets: [Target] =
  Context.environment["CHAT_FUZZ"] == nil
  ? []
  : [
    ("FuzzFrames", ["ChatWire"]),
    ("FuzzPackets", ["ChatTrace", "ChatWire"]),
    ("FuzzCaptureFile", ["ChatTrace", "ChatWire"]),
    ("FuzzFilter", ["ChatTrace", "ChatWire"]),
    ("FuzzFaultRules", ["ChatWire"]),
    ("FuzzSession", ["ChatWire"]),
    ("FuzzTrace", ["ChatTrace", "ChatWire"]),
  ].filter { name, _ in
    FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/Fuzz/\(name)")
  }.map { name, rooms in
    .executableTarget(
      name: name, dependencies: rooms.map { .target(name: $0) }, path: "Fuzz/\(name)",
      swiftSettings: fast + [.unsafeFlags(["-parse-as-library"])])
  }

let package = Package(
  name: "ChatWire",
  products: [
    .library(name: "ChatWire", targets: ["ChatWire"]),
    .library(name: "ChatTrace", targets: ["ChatTrace"]),
    .executable(name: "chat-inspect", targets: ["chat-inspect"]),
    .executable(name: "chat-server", targets: ["chat-server"]),
    .executable(name: "chat-client", targets: ["chat-client"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .systemLibrary(name: "CPcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CEdit", providers: [.apt(["libedit-dev"])]),
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
    .target(name: "CSys"),
    .target(name: "CFastCRC", cSettings: [.unsafeFlags(["-O2"])]),
    .target(name: "ChatWire", swiftSettings: pure),
    .target(name: "ChatSimulation", dependencies: ["ChatWire"], swiftSettings: pure),
    .target(name: "ChatTrace", dependencies: ["ChatWire"], swiftSettings: pure),
    .target(name: "ChatLens", dependencies: ["ChatTrace", "ChatWire"], swiftSettings: pure),
    .target(name: "ChatPosix", dependencies: ["CPcap", "CFastCRC", "CSys"], swiftSettings: strict),
    .target(
      name: "ChatProgram",
      dependencies: [
        "ChatWire", "ChatPosix", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: fast),
    .target(
      name: "ChatCurses", dependencies: ["CNcurses", "ChatLens", "ChatPosix"],
      swiftSettings: strict),
    .executableTarget(
      name: "chat-inspect",
      dependencies: [
        "ChatWire", "ChatSimulation", "ChatTrace", "ChatPosix", "ChatProgram", "CPcap",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ],
      swiftSettings: fast),
    .executableTarget(
      name: "chat-server",
      dependencies: [
        "ChatWire", "ChatPosix", "ChatProgram",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: fast),
    .executableTarget(
      name: "chat-client",
      dependencies: [
        "ChatWire", "ChatTrace", "ChatLens", "ChatCurses", "ChatPosix", "ChatProgram", "CEdit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: fast),
    .target(
      name: "TestSupport", dependencies: ["ChatLens", "ChatSimulation", "ChatTrace", "ChatWire"],
      path: "Tests/Support",
      swiftSettings: strict),
    .testTarget(
      name: "ChatWireTests", dependencies: ["ChatWire", "TestSupport"], exclude: ["Golden"],
      resources: [.copy("vectors")], swiftSettings: strict),
    .testTarget(
      name: "ChatSimulationTests", dependencies: ["ChatSimulation", "ChatWire", "TestSupport"],
      exclude: ["Golden", "Scenarios"], swiftSettings: strict),
    .testTarget(
      name: "ChatTraceTests",
      dependencies: ["ChatSimulation", "ChatTrace", "ChatWire", "TestSupport"],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ChatConformanceTests",
      dependencies: ["ChatSimulation", "ChatTrace", "ChatWire", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ChatLensTests",
      dependencies: ["ChatLens", "ChatSimulation", "ChatTrace", "ChatWire", "TestSupport"],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ChatInspectTests",
      dependencies: [
        "chat-inspect", "ChatWire", "ChatPosix", "ChatProgram", "ChatTrace", "TestSupport",
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ChatPosixTests", dependencies: ["ChatPosix", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ChatServerTests",
      dependencies: [
        "chat-server", "ChatWire", "ChatPosix", "ChatProgram", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ChatClientTests",
      dependencies: [
        "chat-client", "ChatWire", "ChatTrace", "ChatLens", "ChatCurses", "ChatPosix",
        "ChatProgram", "ChatSimulation", "TestSupport",
      ],
      exclude: ["Golden", "FullScreen/Golden"], swiftSettings: strict),
    .testTarget(
      name: "ChatEndToEndTests",
      dependencies: [
        "chat-server", "chat-client", "chat-inspect", "ChatWire", "ChatPosix", "TestSupport",
      ],
      swiftSettings: strict),
  ] + benchTargets + fuzzTargets
)
