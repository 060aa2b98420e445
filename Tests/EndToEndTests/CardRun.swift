import Capture
import Foundation
import TestKit
import Timeline
import Wire

/// The program without a screen on a virtual sound card, and its timeline so far.
final class Headless {
  private let process: ChildProcess
  private let log: String

  init(_ card: VirtualSoundCard, _ folder: String, _ arguments: [String] = []) throws {
    log = folder + "/timeline.jsonl"
    // Through a shell, so that what it prints goes to a file: a timeline is large.
    process = try ChildProcess(
      "/bin/sh",
      ["-c", "exec \"$0\" \"$@\" > \(log)", try programPath(), "--headless", "--input", "mic", "--output", "speaker"]
        + arguments, environment: ["ALSA_CONFIG_PATH": card.configPath])
  }

  deinit { stop() }

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
      throw WaitError(what: what, story: story.joined(separator: "\n") + process.errorLines.joined(separator: "\n"))
    }
    return seen
  }

  func stop() {
    process.terminate()
    _ = process.waitUntilExit()
  }
}

/// Something did not come to pass.
struct WaitError: Error, CustomStringConvertible {
  var what: String
  var story = ""
  var description: String { "waited in vain for \(what)\n\(story)" }
}

/// Looks again and again until the condition holds.
func eventually(_ what: String, within seconds: Double = 60, _ condition: () throws -> Bool) throws {
  let deadline = Date().addingTimeInterval(seconds)
  while Date() < deadline {
    if try condition() { return }
    Thread.sleep(forTimeInterval: 0.05)
  }
  throw WaitError(what: what)
}

/// The program, beside the tests.
func programPath() throws -> String {
  let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
  for candidate in [folder, Bundle.main.bundleURL, folder.deletingLastPathComponent()] {
    let path = candidate.appendingPathComponent("sidetone").path
    if FileManager.default.isExecutableFile(atPath: path) { return path }
  }
  throw WaitError(what: "the program, beside \(folder.path)")
}

/// Whole lines only: the last one may be in the making.
func timeline(of path: String) throws -> [Entry] {
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  return try data.split(separator: 0x0A).prefix(data.count { $0 == 0x0A }).map { try EntryLine.decode($0) }
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
    if case .operatorAct(let act) = entry.event, act.command == "interrupt" { entry.at } else { nil }
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
    guard case .message(let message) = entry.event, message.direction == .received, message.kind == .text else {
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
