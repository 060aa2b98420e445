import Capture
import Captures
import Foundation
import Session
import Testing
import Threads
import Timeline
import WebSockets

@testable import Runtime

/// A folder that goes with the test.
final class CapturesFolder: Sendable {
  let path = FileManager.default.temporaryDirectory.path + "/sidetone-captures-\(UUID().uuidString)"
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Sessions with nobody to talk to, and what is kept of them.
@Suite struct SessionCaptureTests {
  private let folder = CapturesFolder()

  private func options(_ change: (inout SessionOptions) -> Void = { _ in }) throws -> SessionOptions {
    var options = SessionOptions(url: try WebSocketURL.parse("ws://ada:analytical@127.0.0.1:1/voice?token=engine-77"))
    (options.input, options.output) = (.silence, .null)
    options.session.reconnectAttempts = 0
    change(&options)
    return options
  }

  /// Runs a session until a condition holds, and then to its end.
  private func run(
    _ choice: CaptureChoice, _ options: SessionOptions, until condition: ([Entry]) -> Bool
  ) async throws -> (entries: [Entry], capture: SessionCapture) {
    let told = Locked<[Entry]>([])
    let clock = TimelineClock()
    let capture = try #require(try SessionCapture.begin(choice, options, clock: clock, utcOffsetSeconds: 0))
    let session = SessionLoop(
      options, clock: clock,
      readers: [
        { entry in
          told.withLock { $0.append(entry) }
          return true
        }
      ], capture: capture, finished: {})
    #expect(await eventually { condition(told.withLock { $0 }) })
    session.perform(.quit)
    session.stop()
    capture.close()
    return (told.withLock { $0 }, capture)
  }

  private func notices(_ entries: [Entry]) -> [Notice] {
    entries.compactMap { if case .notice(let notice) = $0.event, notice.source == .capture { notice } else { nil } }
  }

  private func kept(_ path: String) throws -> [Entry] {
    try CaptureFileReader(path: path).entries(from: .min, limit: 1_000_000).entries
  }

  @Test func everyEntryIsInTheFile() async throws {
    let choice = CaptureChoice(.folder(folder.path + "/state/captures"))
    let (entries, capture) = try await run(choice, try options()) { notices($0).count == 1 && $0.count > 20 }
    #expect(try kept(capture.facts.path) == entries)
    #expect(capture.problem == nil && capture.pathToReplay == capture.facts.path)
    #expect(notices(entries).map(\.id) == [.captureIntroduced])
    #expect(capture.report.byteCount > 0)
    // A second session of this folder is told in a word.
    let second = try await run(choice, try options()) { notices($0).count == 1 }
    #expect(notices(second.entries).map(\.id) == [.captureBegan])
    #expect(second.capture.facts.path != capture.facts.path)
  }

  @Test func theHeaderHasTheSettingsAndNoSecret() async throws {
    let path = folder.path + "/a.sidetone"
    let options = try options { $0.headers = [("Authorization", "Bearer analytical-engine")] }
    let (_, capture) = try await run(CaptureChoice(.file(path)), options) { !notices($0).isEmpty }
    let header = try CaptureFileReader(path: path).header
    #expect(header.programVersion == sidetoneVersion && header.wallClockMilliseconds > 1_700_000_000_000)
    for word in ["\"dialect\":\"voice\"", "\"input\":\"silence\"", "127.0.0.1"] {
      #expect(header.settings.contains(word), "\(word) in \(header.settings)")
    }
    let bytes = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    for secret in ["analytical", "engine-77"] { #expect(!bytes.contains(secret), "\(secret)") }
    #expect(capture.facts.limits == nil)
  }

  @Test func olderCapturesAreDeletedAndThatIsTold() async throws {
    let place = folder.path + "/captures"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let old = place + "/2001-01-01_00-00-00.sidetone"
    try Data(count: 100).write(to: URL(fileURLWithPath: old))
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: old)
    let (entries, _) = try await run(CaptureChoice(.folder(place)), try options()) { notices($0).count == 2 }
    #expect(Set(notices(entries).map(\.id)) == [.captureBegan, .capturesDeleted])
    #expect(notices(entries).contains { $0.text.contains("2001-01-01_00-00-00.sidetone") })
    #expect(!FileManager.default.fileExists(atPath: old))
  }

  /// The folder cannot be made: the operator is told, the session lives, and nothing waits for anything.
  @Test func aFolderThatCannotBeWrittenToCostsTheCaptureAndNothingElse() async throws {
    let choice = CaptureChoice(.folder("/dev/null/captures"))
    let (entries, capture) = try await run(choice, try options()) { !notices($0).isEmpty && $0.count > 20 }
    let told = try #require(notices(entries).first)
    #expect(told.id == .captureFailed && told.severity == .error && told.remedy?.contains("--no-capture") == true)
    #expect(capture.problem != nil && capture.pathToReplay == nil)
    guard case .sessionEnded? = entries.last?.event else {
      Issue.record("the session has not ended")
      return
    }
  }

  @Test func aFileOfAnotherKindIsLeftAlone() throws {
    let path = folder.path + "/thesis.txt"
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    try Data("chapter 1".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: CaptureFault.occupied) { try SessionCapture.claim(CaptureChoice(.file(path))) }
    #expect(throws: CaptureFault.occupied) {
      try SessionCapture.begin(CaptureChoice(.file(path)), try options(), clock: TimelineClock(), utcOffsetSeconds: 0)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "chapter 1")
  }

  @Test func nothingIsCapturedWhereNothingIsWanted() throws {
    for place in [CaptureChoice.Place.nowhere, .homeless] {
      #expect(
        try SessionCapture.begin(CaptureChoice(place), try options(), clock: TimelineClock(), utcOffsetSeconds: 0)
          == nil)
    }
  }

  @Test(arguments: [
    ("/home/ada/a-b_2.sidetone", "sidetone replay /home/ada/a-b_2.sidetone"),
    ("my talk.sidetone", "sidetone replay 'my talk.sidetone'"), ("it's", #"sidetone replay 'it'\''s'"#),
  ])
  func theHintCanBePastedIntoAShell(_ path: String, _ command: String) {
    #expect(ReplayHint.command(path) == command)
  }
}
