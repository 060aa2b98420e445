import Foundation
import Synchronization

/// A real sound server of a test's own: unpacked, not installed; with its own folders, sockets and two null sinks.
///
///     program ─ libasound ─ the server's plugin ─► spk ─► spk.monitor ─► parec, the ear
///     pacat, the mouth ─► micsink ─► micsink.monitor ─► the program's microphone
///
/// Give `environment` to the programs that shall use it. It ends with this object.
public final class PrivateSoundServer: @unchecked Sendable {
  // Sendable: all properties are constants or behind a lock.

  /// Which one; the raw value is the name of the unpacked set.
  public enum Kind: String, Sendable, CaseIterable {
    case pulseAudio = "pulseaudio"
    case pipeWire = "pipewire"

    /// How `sidetone doctor` calls it.
    public var title: String { self == .pulseAudio ? "PulseAudio" : "PipeWire" }
  }

  /// It could not be started, or refused a command.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public let kind: Kind
  /// Of programs that shall play and record through it.
  public let environment: [String: String]
  private let folder: String
  private let unpacked: Unpacked
  private let children = Mutex<[ChildProcess]>([])

  /// The socket of the protocol that PulseAudio's tools speak.
  public var socket: String { "unix:\(folder)/pulse.sock" }

  /// Starts it and waits until it answers.
  /// - Parameter folder: an existing folder of the test's own; its path must be short, because sockets lie in it.
  public init(_ kind: Kind, folder: String) throws {
    guard let unpacked = Unpacked(kind.rawValue) else { throw Failure(description: Unpacked.comment(kind.rawValue)) }
    self.kind = kind
    self.folder = folder
    self.unpacked = unpacked
    let libraries = unpacked.libraries
    let library = libraries.split(separator: ":").first.map(String.init) ?? ""
    var environment = [
      "PATH": unpacked.programs, "LD_LIBRARY_PATH": libraries, "HOME": folder, "XDG_RUNTIME_DIR": folder,
      "XDG_CONFIG_HOME": folder + "/config", "XDG_STATE_HOME": folder + "/state", "XDG_CACHE_HOME": folder + "/cache",
      "XDG_CONFIG_DIRS": unpacked.path("etc/xdg"), "XDG_DATA_DIRS": unpacked.path("usr/share"),
      "DBUS_SESSION_BUS_ADDRESS": "unix:path=\(folder)/bus", "PULSE_SERVER": "unix:\(folder)/pulse.sock",
      "ALSA_CONFIG_PATH": folder + "/asound.conf",
    ]
    if kind == .pipeWire {
      environment.merge(
        [
          "PIPEWIRE_RUNTIME_DIR": folder, "PIPEWIRE_MODULE_DIR": library + "/pipewire-0.3",
          "SPA_PLUGIN_DIR": library + "/spa-0.2", "PIPEWIRE_CONFIG_DIR": unpacked.path("usr/share/pipewire"),
          "WIREPLUMBER_MODULE_DIR": library + "/wireplumber-0.4",
          "WIREPLUMBER_CONFIG_DIR": unpacked.path("usr/share/wireplumber"),
          "WIREPLUMBER_DATA_DIR": unpacked.path("usr/share/wireplumber"),
        ]
      ) { $1 }
    }
    self.environment = environment
    chmod(folder, 0o700)
    let plugin = kind == .pulseAudio ? "pulse" : "pipewire"
    try """
    defaults.pipewire.server "pipewire-0"
    pcm_type.\(plugin) { lib "\(library)/alsa-lib/libasound_module_pcm_\(plugin).so" }
    pcm.null { type null }
    pcm.!default { type plug slave.pcm { type \(plugin) } }
    ctl.!default { type null }

    """.write(toFile: folder + "/asound.conf", atomically: true, encoding: .utf8)
    if kind == .pipeWire { try startBus() }
    try start()
  }

  deinit { children.withLock { for child in $0.reversed() { child.closeInput() } } }

  /// The server ends without a word, and with it what was open there.
  /// - Throws: when it has not ended.
  public func end() throws {
    for child in children.withLock({ children in
      defer { children = [] }
      return children
    }) {
      child.closeInput()
      guard child.waitUntilExit() != nil else { throw Failure(description: "\(kind.title) does not end") }
    }
    for name in ["pulse.sock", "pulse/native", "pipewire-0", "pipewire-0.lock"] { unlink("\(folder)/\(name)") }
    if kind == .pipeWire {
      unlink("\(folder)/bus")
      try startBus()
    }
  }

  /// Starts it, as at first: with two sinks.
  public func start() throws {
    if kind == .pulseAudio { try startPulseAudio() } else { try startPipeWire() }
    for sink in ["spk", "micsink"] { try addSink(sink) }
    // PipeWire's session manager may still be on its way.
    try waitUntil("its default devices") {
      try pactl("set-default-sink", "spk")
      try pactl("set-default-source", "micsink.monitor")
      let info = try pactl("info")
      return info.contains("Default Sink: spk\n") && info.contains("Default Source: micsink.monitor\n")
    }
  }

  private func startPulseAudio() throws {
    // No pid file, no D-Bus, no hardware: only what is named here.
    try start(
      unpacked.path("usr/bin/pulseaudio"),
      [
        "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=no", "--log-target=stderr",
        "--dl-search-path=\(moduleFolder)", "-L",
        "module-native-protocol-unix auth-anonymous=1 socket=\(folder)/pulse.sock",
      ])
    try waitUntil("it answers") { try !pactl("info").isEmpty }
  }

  private var moduleFolder: String {
    unpacked.libraries.split(separator: ":").map(String.init).first { $0.hasSuffix("/modules") } ?? ""
  }

  private func startBus() throws {
    try """
    <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
      "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig>
      <type>session</type>
      <listen>unix:path=\(folder)/bus</listen>
      <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
    </busconfig>
    """.write(toFile: folder + "/bus.conf", atomically: true, encoding: .utf8)
    try start(program("dbus-daemon"), ["--nofork", "--nopidfile", "--config-file=\(folder)/bus.conf"])
    try waitUntil("the bus") { FileManager.default.fileExists(atPath: folder + "/bus") }
  }

  private func startPipeWire() throws {
    try start(unpacked.path("usr/bin/pipewire"), [])
    try waitUntil("PipeWire") { FileManager.default.fileExists(atPath: folder + "/pipewire-0") }
    try start(unpacked.path("usr/bin/wireplumber"), [])
    try start(unpacked.path("usr/bin/pipewire-pulse"), [])
    try waitUntil("its PulseAudio protocol") { FileManager.default.fileExists(atPath: folder + "/pulse/native") }
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/pulse.sock", withDestinationPath: folder + "/pulse/native")
  }

  /// Unpacked, or the machine's where that has it.
  private func program(_ name: String) -> String {
    let own = unpacked.path("usr/bin/\(name)")
    return FileManager.default.fileExists(atPath: own) ? own : "/usr/bin/\(name)"
  }

  private func start(_ program: String, _ arguments: [String]) throws {
    // A shell in between. It ends the server when its own input does, and so also when the tests crash. And a server closes
    // what it has inherited, by which Foundation takes it for ended, and waits for it before any other child.
    let script = """
      exec 3<&0; "$@" 3<&- </dev/null & server=$!
      { read -r line <&3; kill -9 $server; } & watch=$!
      wait $server; kill $watch
      """
    let child = try ChildProcess("/bin/sh", ["-c", script, "sh", program] + arguments, environment: environment)
    children.withLock { $0.append(child) }
  }

  /// An error thrown by the condition is none, but it is told when the time is over.
  private func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
    var problem = ""
    func holds() -> Bool {
      do { return try condition() } catch {
        problem = "\(error)"
        return false
      }
    }
    let deadline = Date(timeIntervalSinceNow: 60)
    while !holds() {
      let children = children.withLock { $0 }
      if let dead = children.first(where: { !$0.isRunning }) {
        throw Failure(description: "\(kind.title) ended while it was waited for \(what): \(dead.errorLines.suffix(5))")
      }
      guard Date() < deadline else {
        throw Failure(
          description:
            "waited in vain for \(kind.title), \(what): \(problem) \(children.flatMap { $0.errorLines.suffix(5) })")
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// Gives the server a command.
  /// - Returns: what it answers.
  @discardableResult
  public func pactl(_ arguments: String...) throws -> String { try pactl(arguments) }

  @discardableResult
  private func pactl(_ arguments: [String]) throws -> String {
    let tool = try ChildProcess(unpacked.path("usr/bin/pactl"), arguments, environment: environment)
    guard tool.waitUntilExit() == 0 else {
      throw Failure(description: "pactl \(arguments.joined(separator: " ")): \(tool.errorLines)")
    }
    return tool.lines.joined(separator: "\n")
  }

  /// Another null sink, with a monitor called `NAME.monitor`.
  /// - Returns: its module, for `pactl unload-module`.
  @discardableResult
  public func addSink(_ name: String) throws -> String {
    let module = try pactl("load-module", "module-null-sink", "sink_name=\(name)")
    try waitUntil("sink \(name)") { try pactl("list", "short", "sinks").contains("\t\(name)\t") }
    return module
  }

  /// What a sink plays is heard by the microphone some time later, as in a room; until either of them goes.
  public func addRoom(_ sink: String, laterMs: Int) throws {
    // PulseAudio's loopback bends the rate to keep its latency, by 60 ppm here, which no room does.
    let steady = kind == .pulseAudio ? ["adjust_time=0"] : []
    try pactl(
      ["load-module", "module-loopback", "source=\(sink).monitor", "sink=micsink", "latency_msec=\(laterMs)"] + steady)
  }

  /// The microphone hears these frames, at 16 kHz, from now on.
  public func speak(_ frames: [Int16]) throws -> ChildProcess {
    let file = folder + "/said-\(UUID().uuidString.prefix(8)).raw"
    try frames.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
    return try ChildProcess(
      unpacked.path("usr/bin/pacat"),
      ["--playback", "--device=micsink", "--raw", "--rate=16000", "--channels=1", "--format=s16le", file],
      environment: environment)
  }

  /// What comes out of a sink, written down by another program.
  public func listen(to sink: String = "spk") throws -> SoundServerEar {
    let file = folder + "/heard-\(UUID().uuidString.prefix(8)).raw"
    try Data().write(to: URL(fileURLWithPath: file))
    let tool = try ChildProcess(
      "/bin/sh",
      [
        "-c", #"exec "$0" "$@" > "\#(file)""#, unpacked.path("usr/bin/parec"), "--device=\(sink).monitor", "--raw",
        "--rate=16000", "--channels=1", "--format=s16le", "--latency-msec=20",
      ], environment: environment)
    let ear = SoundServerEar(file: file, tool: tool)
    try waitUntil("the ear") { ear.count > 0 }
    return ear
  }
}
