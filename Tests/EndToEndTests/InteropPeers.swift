import Audio
import AudioCodecs
import Foundation
import Agent
import Speech
import TestKit
import Threads
import Timeline

// Peers that were not written in this house, and what they are asked about our program.

/// A WebSocket library of another language.
enum PeerLibrary: String, CaseIterable, Sendable {
  /// Python `websockets`.
  case python
  /// node `ws`.
  case node

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Peers").path

  /// Starts a script of `Peers` by its name without extension.
  func run(_ script: String, _ arguments: [String] = []) throws -> ChildProcess {
    switch self {
    case .python:
      try ChildProcess("/usr/bin/python3", ["-u", "\(Self.folder)/\(script).py"] + arguments)
    case .node:
      try ChildProcess(
        "/usr/bin/node", ["\(Self.folder)/\(script).js"] + arguments,
        environment: ["NODE_PATH": "/usr/share/nodejs"])
    }
  }
}

/// Runs what blocks on a thread of its own: the pool that tests share has as many threads as the machine has cores.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

extension Program {
  /// What a headless session left behind.
  struct Session: Sendable {
    var status: Int32?
    var errors: [String]
    var entries: [Entry]
    /// The most memory it has held, as far as it was looked at.
    var peakKilobytes: Int

    func messages(_ way: Way) -> [String] {
      entries.compactMap {
        guard case .message(let message) = $0.event, message.way == way else { return nil }
        return String(decoding: message.payload, as: UTF8.self)
      }
    }
    var notices: [Notice] { entries.compactMap { if case .notice(let it) = $0.event { it } else { nil } } }
    var connections: [ConnectionChange] {
      entries.compactMap { if case .connection(let it) = $0.event { it } else { nil } }
    }
    var states: [ConnectionChange.State] { connections.map(\.state) }
  }

  /// `sidetone connect … --headless`, to its end. Blocks.
  /// - Parameter marker: when this has been written, the program is asked to end.
  static func connect(
    _ url: String, _ flags: [String] = [], until marker: String? = nil, timeout: Double = 120
  ) throws -> Session {
    let folder = try TestFolder()
    let log = folder.path + "/out.jsonl"
    try Data().write(to: URL(fileURLWithPath: log))
    let process = try ChildProcess(
      "/bin/sh",
      ["-c", "file=$1; shift; exec \"$@\" > \"$file\"", "sh", log, path, "connect", url, "--headless"] + flags,
      environment: environment)
    var peakKilobytes = 0
    if let marker {
      var search = MarkerSearch(try FileHandle(forReadingFrom: URL(fileURLWithPath: log)), Data(marker.utf8))
      let deadline = Date(timeIntervalSinceNow: timeout)
      while process.isRunning, Date() < deadline, try !search.isFound() {
        peakKilobytes = max(peakKilobytes, process.peakKilobytes)
        Thread.sleep(forTimeInterval: 0.02)
      }
      process.terminate()
    }
    let status = process.waitUntilExit(timeout: timeout)
    return Session(
      status: status, errors: process.errorLines, entries: try Recording(file: log).entries,
      peakKilobytes: peakKilobytes)
  }

  /// `sidetone serve` on a free port.
  static func serve(
    _ flags: [String] = [], environment more: [String: String] = [:]
  ) throws -> (process: ChildProcess, port: Int) {
    let process = try ChildProcess(
      path, ["serve", "--listen", "127.0.0.1:0"] + flags, environment: environment.merging(more) { $1 })
    let deadline = Date(timeIntervalSinceNow: 60)
    while Date() < deadline, process.isRunning {
      if let line = process.errorLines.first(where: { $0.contains("listening on") }),
        let port = line.split(separator: ":").last.flatMap({ Int($0.prefix { $0.isNumber }) })
      {
        return (process, port)
      }
      Thread.sleep(forTimeInterval: 0.02)
    }
    throw TestFailure("serve did not start: \(process.errorLines)")
  }
}

/// Looks for bytes in a file that grows, at each byte once.
struct MarkerSearch {
  private let file: FileHandle
  private let marker: Data
  private var tail = Data()

  init(_ file: FileHandle, _ marker: Data) {
    self.file = file
    self.marker = marker
  }

  mutating func isFound() throws -> Bool {
    while let new = try file.read(upToCount: 1 << 20), !new.isEmpty {
      let seen = tail + new
      if seen.range(of: marker) != nil { return true }
      tail = Data(seen.suffix(marker.count - 1))
    }
    return false
  }
}

extension ChildProcess {
  /// Its largest resident size so far; 0 when it is gone.
  var peakKilobytes: Int {
    let status = (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
    return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace)[1]) } ?? 0
  }
}

/// What can be heard in a recording of one tone. Where the playout ran dry, on a machine that had no time for it, there
/// is silence in between: it is left out, for it is no part of what was sent.
struct ToneMeasure {
  /// All stretches of sound together, in milliseconds.
  var milliseconds = 0.0
  /// By its zero crossings.
  var hertz = 0.0
  /// How often the playout ran dry.
  var gaps = 0

  init(_ samples: [Int16], rate: Int) {
    // Longer than half a period of any tone that is measured here.
    let shortestGap = rate / 200
    var (count, crossings, quiet) = (0, 0, shortestGap)
    for (sample, next) in zip(samples, samples.dropFirst()) {
      quiet = abs(Int(sample)) > 1500 ? 0 : quiet + 1
      guard quiet < shortestGap else {
        if quiet == shortestGap {
          count -= shortestGap - 1
          gaps += 1
        }
        continue
      }
      count += 1
      if sample < 0, next >= 0 { crossings += 1 }
    }
    guard count > 0 else { return }
    // The silence after the tone is no gap.
    gaps -= 1
    milliseconds = Double(count) * 1000 / Double(rate)
    hertz = Double(crossings) * 1000 / milliseconds
  }
}
