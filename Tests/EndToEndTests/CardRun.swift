import Capture
import Foundation
import TestKit
import Timeline
import Wire

/// The program without a screen on a virtual sound card or a sound server, and its timeline so far.
final class CardRun {
  private let process: ChildProcess
  private let log: String

  /// - Parameter arguments: before the flags that every run has, as in `connect URL`.
  convenience init(_ card: VirtualSoundCard, log: String, _ arguments: [String] = []) throws {
    try self.init(environment: ["ALSA_CONFIG_PATH": card.configPath], log: log, arguments)
  }

  /// - Parameter environment: what leads to the sound, as ALSA_CONFIG_PATH.
  init(environment: [String: String], log: String, _ arguments: [String] = []) throws {
    self.log = log
    process = try ChildProcess(
      "/bin/sh",
      ["-c", #"exec "$@" > /dev/null"#, "sh", Program.path] + arguments
        + ["--headless", "--input", "mic", "--output", "speaker", "--log", log],
      environment: Program.environment.merging(environment) { $1 })
  }

  deinit { process.kill() }

  func entries() -> [Entry] { (try? timeline(of: log)) ?? [] }

  /// Waits until the timeline is as it should be.
  @discardableResult
  func wait(for what: String, within seconds: Double = 60, _ condition: ([Entry]) -> Bool) throws -> [Entry] {
    var seen: [Entry] = []
    do {
      try eventually(what, within: seconds) {
        seen = entries()
        return condition(seen)
      }
    } catch {
      let story = seen.filter(isTelling).suffix(40).map { "\($0.at) \($0.event)" }
      throw TestFailure("waited in vain for \(what)\n" + (story + process.errorLines).joined(separator: "\n"))
    }
    return seen
  }

  /// Ends it in an orderly way; its exit status.
  func stop() -> Int32? {
    process.terminate()
    return process.waitUntilExit()
  }
}

/// Looks again and again until the condition holds.
func eventually(_ what: String, within seconds: Double = 60, _ condition: () throws -> Bool) throws {
  let deadline = Date().addingTimeInterval(seconds)
  while Date() < deadline {
    if try condition() { return }
    Thread.sleep(forTimeInterval: 0.05)
  }
  throw TestFailure("waited in vain for \(what)")
}

/// What is in a log so far. Whole lines only: the last one may be in the making.
func timeline(of path: String) throws -> [Entry] {
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
  return try lines.map { try EntryLine.decode($0) }
}

/// Nanoseconds on CLOCK_MONOTONIC.
func monotonicNow() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }

/// Where the timeline's zero lies on CLOCK_MONOTONIC, to a millisecond.
func origin(of entries: [Entry]) -> Int64? {
  guard case .sessionStarted(let start)? = entries.first?.event else { return nil }
  return start.wallClockMilliseconds * 1_000_000 - (nanoseconds(CLOCK_REALTIME) - monotonicNow())
}

private func nanoseconds(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

// MARK: What entries say

func change(_ entry: Entry) -> PlayoutChange? {
  if case .playoutChange(let change) = entry.event { change } else { nil }
}

func echo(_ entry: Entry) -> EchoState? { if case .echo(let state) = entry.event { state } else { nil } }

func isReady(_ entry: Entry) -> Bool {
  if case .connection(let change) = entry.event { change.state == .ready } else { false }
}

func isOnset(_ entry: Entry) -> Bool {
  if case .voiceEdge(let edge) = entry.event { edge.isStart } else { false }
}

func interrupts(in entries: [Entry]) -> [Timestamp] {
  entries.compactMap { entry in
    if case .operatorAct(let act) = entry.event, act.command == .interrupt { entry.at } else { nil }
  }
}

/// Audio handed to the speaker.
func playedMs(in entries: [Entry]) -> Double {
  entries.reduce(0) { sum, entry in
    if case .playout(let block) = entry.event {
      sum + Double(block.sampleCount) * 1000 / Double(block.rate)
    } else {
      sum
    }
  }
}

/// What the server understood.
func finals(in entries: [Entry]) -> [String] {
  entries.flatMap { entry -> [String] in
    guard case .message(let message) = entry.event, message.way == .toClient, message.kind == .text else {
      return []
    }
    return VoiceDialect().decode(.text(message.payload), from: .server).compactMap {
      if case .transcriptFinal(let text) = $0 { text } else { nil }
    }
  }
}

/// Whether a failure's story needs it.
private func isTelling(_ entry: Entry) -> Bool {
  switch entry.event {
  case .micFrame, .playout, .queue, .gate: false
  case .message(let message): message.kind == .text && message.payload.count < 400
  default: true
  }
}
