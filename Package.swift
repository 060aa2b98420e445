// swift-tools-version: 6.2
import PackageDescription

// Three walls: C (module maps and shims) / Drivers (touch the world) / Core and UI (pure).
// Dependencies run one way: sidetone -> Runtime -> Drivers, UI -> Core -> C. See docs/architecture.md.

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .treatWarning("DeprecatedDeclaration", as: .warning),
]

/// A C library as Swift sees it: a module map and a shim header in Sources/C/NAME.
func system(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}
func core(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/Core/\(name)", swiftSettings: strict)
}
func ui(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/UI/\(name)", swiftSettings: strict)
}
func driver(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Drivers/\(name)", resources: resources, swiftSettings: strict
  )
}
/// `exclude`: files that tests read by path, such as golden screens.
func tests(
  _ name: String, in wall: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestKit", "CTestEnvironment"],
    path: "Tests/\(wall)\(name)Tests",
    exclude: exclude, swiftSettings: strict)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

/// Who builds the program does not compile its benchmarks: they are there with `SIDETONE_BENCHMARKS=1` in the environment,
/// as `make bench` and `make test` set it. See docs/decisions/build.md.
let benchmarks: [Target] =
  Context.environment["SIDETONE_BENCHMARKS"] != "1"
  ? []
  : [
    .executableTarget(
      name: "sidetone-bench",
      dependencies: [
        "Runtime", "Timeline", "Audio", "Wire", "Agent", "Insight", "Findings", "Console", "Screen", "Threads",
        "Terminal", "WebSockets", "Speech", "CLinux", "TestKit", "Capture", "Captures", "Store", "Filter",
        argumentParser, logging,
      ],
      swiftSettings: strict)
  ]

let package = Package(
  name: "sidetone",
  products: [.executable(name: "sidetone", targets: ["sidetone"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // C: no pkgConfig for ncurses, its -D flags are "prohibited" and SwiftPM warns on every build.
    system("CNcurses", apt: "libncursesw5-dev"),
    system("CALSA", pkgConfig: "alsa", apt: "libasound2-dev"),
    system("CWebSockets", pkgConfig: "libwebsockets", apt: "libwebsockets-dev"),
    system("CLinux", apt: "libc6-dev"),
    system("CSpeexDSP", pkgConfig: "speexdsp", apt: "libspeexdsp-dev"),
    // No pkgConfig: it links libsphinxad, and with it PulseAudio and X11. See the shim.
    system("CPocketSphinx", apt: "libpocketsphinx-dev"),
    system("CFlite", apt: "flite1-dev"),
    system("CMpg123", pkgConfig: "libmpg123", apt: "libmpg123-dev"),
    system("COpus", pkgConfig: "opus", apt: "libopus-dev"),
    system("CSndfile", pkgConfig: "sndfile", apt: "libsndfile1-dev"),
    // Opened while the program runs: no package of Debian has them.
    .target(name: "COnnxRuntime", path: "Sources/C/COnnxRuntime"),
    .target(name: "CMoonshine", path: "Sources/C/CMoonshine"),
    // Of the tests alone: makes them the same on every machine.
    .target(name: "CTestEnvironment", path: "Sources/C/CTestEnvironment"),

    // Core: pure. No clock, no I/O, no threads.
    core("Spelling"),
    core("Timeline"),
    core("Audio", ["Timeline", "CSpeexDSP", collections]),
    core("Wire", ["Spelling", "Timeline", "Audio"]),
    core("Session", ["Timeline", "Wire", "Audio", collections]),
    core("Admission", ["Timeline"]),
    core("Agent", ["Timeline", "Wire", "Audio", "Admission", collections, heap]),
    core("Insight", ["Timeline", "Wire", "Audio", histogram, collections]),
    core("Findings", ["Timeline", "Wire", "Audio", collections]),
    core("Capture", ["Timeline", "Wire", "Audio", collections]),
    core("Filter", ["Timeline"]),
    core("SocketProtocol", ["Wire"]),

    // UI: pure. (model, size, theme) -> cells.
    ui("Screen", ["Spelling"]),
    ui(
      "Console",
      [
        "Screen", "Insight", "Findings", "Session", "Filter", "Spelling", "Timeline", "Wire", "Audio", "Capture",
        collections,
      ]),

    // Drivers: the only places that touch the world; one C library each.
    driver("Threads", ["CLinux", collections]),
    driver("Files", []),
    driver("Terminal", ["CNcurses", "CLinux", "Threads", "Screen"]),
    driver("AudioCodecs", ["CMpg123", "COpus", "CSndfile", "Audio"]),
    driver("AudioDevices", ["CLinux", "Threads", "Audio", "Timeline"]),
    driver("AlsaDevices", ["CALSA", "CLinux", "Threads", "Audio", "AudioDevices", "Timeline"]),
    driver(
      "WebSockets",
      ["CWebSockets", "CLinux", "Threads", "Timeline", "SocketProtocol", "Admission", "Wire", collections]),
    driver("Engines", ["CLinux", "Files", "Threads"]),
    driver(
      "Speech",
      [
        "CPocketSphinx", "CFlite", "COnnxRuntime", "CMoonshine", "CLinux", "Engines", "Threads", "Timeline", "Audio",
        "Agent", "Wire",
      ],
      resources: [.copy("Models")]),
    driver(
      "SpeechServices",
      [
        "Agent", "Audio", "AudioCodecs", "Engines", "Speech", "SocketProtocol", "Threads", "Timeline", "WebSockets",
        "Wire",
        collections,
      ]),
    driver(
      "Store",
      [
        "CLinux", "Files", "Threads", "Spelling", "Timeline", "Audio", "Agent", "Capture", "Findings", "Screen", yams,
      ]),
    driver("Captures", ["Files", "Threads", "Timeline", "Audio", "Wire", "Capture", "AudioCodecs", grdb]),

    .target(
      name: "Runtime",
      dependencies: [
        "Timeline", "Audio", "Wire", "SocketProtocol", "Session", "Admission", "Agent", "Insight", "Findings",
        "Capture", "Filter", "Screen", "Console", "Threads",
        "Terminal", "AudioCodecs", "AudioDevices", "AlsaDevices", "WebSockets", "Engines", "Speech", "SpeechServices",
        "Store", "Captures", "CLinux", logging, collections,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "sidetone",
      dependencies: [
        "Runtime", "Timeline", "Audio", "Wire", "SocketProtocol", "Session", "Admission", "Capture", "Filter", "Screen",
        "Console", "Threads", "Terminal", "AudioCodecs", "WebSockets", "Engines", "Speech", "SpeechServices", "Store",
        "Captures", argumentParser, logging,
      ],
      swiftSettings: strict),
    .target(
      name: "TestKit",
      dependencies: [
        "Timeline", "Capture", "Audio", "Wire", "Session", "Agent", "Insight", "Screen", "CLinux", "Threads",
      ],
      // Built by the tests that need it.
      exclude: ["VirtualSoundCard.c"], swiftSettings: strict),

    tests("Spelling", in: "Core/", ["Spelling"]),
    tests("Timeline", in: "Core/", ["Timeline"]),
    tests("Audio", in: "Core/", ["Audio", "Timeline"]),
    tests("Wire", in: "Core/", ["Wire", "Timeline", "Audio"]),
    tests("Session", in: "Core/", ["Session", "Wire", "Timeline", "Audio"]),
    tests("Admission", in: "Core/", ["Admission", "Timeline"]),
    tests("Agent", in: "Core/", ["Agent", "Wire", "Timeline", "Audio"]),
    tests("Insight", in: "Core/", ["Insight", "Findings", "Wire", "Timeline", "Audio"]),
    tests("Findings", in: "Core/", ["Findings", "Wire", "Timeline", "Audio"]),
    tests("Filter", in: "Core/", ["Filter", "Timeline"]),
    tests("SocketProtocol", in: "Core/", ["SocketProtocol"]),
    tests("Capture", in: "Core/", ["Capture", "Wire", "Timeline", "Audio"]),
    tests("Screen", in: "UI/", ["Screen"], exclude: ["Golden"]),
    tests(
      "Console", in: "UI/",
      ["Console", "Screen", "Filter", "Insight", "Session", "Wire", "Timeline", "Audio", "Capture"],
      exclude: ["Golden"]),
    tests("Threads", in: "Drivers/", ["Threads", "CLinux"]),
    tests("Terminal", in: "Drivers/", ["Terminal", "Screen", "CNcurses", "Threads", "CLinux"]),
    tests("AudioCodecs", in: "Drivers/", ["AudioCodecs", "Audio", "COpus"]),
    .target(
      name: "AudioDeviceTestKit", dependencies: ["AudioDevices", "Threads", "Timeline"],
      path: "Tests/Drivers/AudioDeviceTestKit", swiftSettings: strict),
    tests("AudioDevices", in: "Drivers/", ["AudioDevices", "AudioDeviceTestKit", "Audio", "Threads", "Timeline"]),
    tests(
      "AlsaDevices", in: "Drivers/",
      ["AlsaDevices", "AudioDeviceTestKit", "AudioDevices", "Audio", "Threads", "Timeline"]),
    tests("WebSockets", in: "Drivers/", ["WebSockets", "SocketProtocol", "Admission", "Threads", "Timeline"]),
    tests("Engines", in: "Drivers/", ["Engines", "Threads"]),
    tests(
      "Speech", in: "Drivers/", ["Speech", "Engines", "CPocketSphinx", "Agent", "Audio", "Threads", "Timeline"]),
    tests(
      "SpeechServices", in: "Drivers/",
      ["SpeechServices", "Speech", "WebSockets", "Agent", "Audio", "Engines", "Threads", "Timeline"]),
    tests("Store", in: "Drivers/", ["Store", "Capture", "Screen", "Timeline", "Threads"]),
    .target(
      name: "CaptureTestKit", dependencies: ["Capture", "Timeline"], path: "Tests/Drivers/CaptureTestKit",
      swiftSettings: strict),
    // A program that the tests kill while it writes.
    .executableTarget(
      name: "capture-writer", dependencies: ["Captures", "Capture", "CaptureTestKit", "Threads", "Timeline"],
      path: "Tests/Drivers/CaptureWriter", swiftSettings: strict),
    tests(
      "Captures", in: "Drivers/",
      ["Captures", "Capture", "CaptureTestKit", "capture-writer", "Store", "Timeline", "Threads", grdb]),
    tests(
      "Runtime", in: "",
      [
        "Runtime", "Session", "Admission", "Agent", "Insight", "Wire", "SocketProtocol", "Timeline", "Audio", "Threads",
        "WebSockets", "Speech", "SpeechServices", "Store", "Capture", "Captures", "Findings", "AudioDevices",
        "AlsaDevices", "Screen", "Terminal", "Engines", "Console", logging,
      ]),
    tests(
      "EndToEnd", in: "",
      [
        "Timeline", "Agent", "Wire", "Audio", "Capture", "Insight", "Findings", "Threads", "AudioCodecs", "Speech",
        "Store", "CLinux",
      ],
      exclude: ["Peers"]),
  ] + benchmarks,
  swiftLanguageModes: [.v6]
)
