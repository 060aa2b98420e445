import Foundation
import Insight
import Testing
import Timeline
import Wire

extension EndToEnd {
  /// Sessions without a screen.
  @Suite struct Headless {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    @Test func aSpokenFileIsUnderstoodAndAnsweredAloud() throws {
      let (question, answer) = (folder.file("question.wav"), folder.file("answer.wav"))
      try Voice.write("turn on the lights", to: question)
      let outcome = try Program.run(
        ["--headless", "--until-idle", "--input", "file:\(question)", "--output", "file:\(answer)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.isEmpty)
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      #expect(recording.said(by: .user) == ["turn on the lights"])
      #expect(recording.said(by: .agent) == ["All the lights are on."])

      let ear = try Ear(file: answer)
      let stretches = ear.stretches
      try #require(stretches.count == 1, "\(stretches)")
      #expect(ear.words(in: stretches[0]).contains("lights are on"))
      // The file begins with the session, and so the answer is heard in it when the timeline says so.
      let started = try #require(recording.moments(of: .started).first)
      let finished = try #require(recording.moments(of: .finished).first)
      #expect(abs(stretches[0].lowerBound - recording.seconds(started)) < 0.5)
      #expect(abs(stretches[0].upperBound - recording.seconds(finished)) < 0.5)
    }

    /// The line for programs is the only one on stderr that begins with a brace, and says what the timeline says.
    @Test func theSummaryForProgramsIsThatOfTheTimeline() throws {
      let outcome = try Program.run([
        "--headless", "--until-idle", "--input", "say:what time is it", "--summary=json",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("{") }
      try #require(lines.count == 1, "\(outcome.errors)")
      let json = try JSONValue(parsing: lines[0].utf8)
      #expect(json["schema"] == .number(1))
      guard case .array(let sources) = json["sources"], case .object(let figures) = sources.first?["figures"] else {
        Issue.record("\(lines[0])")
        return
      }
      #expect(sources.count == 1 && sources[0]["name"] == .string("client") && sources[0]["source"] == .number(1))
      #expect(.object(figures) == FigureTable.standard.json(of: recording.insight))
      #expect(figures["turns"]?["value"] == .number(1) && figures["uplink-dropped"]?["value"] == .number(0))
      let times = recording.insight.turns.compactMap(\.responseTime?.milliseconds)
      try #require(times.count == 1)
      #expect(figures["response-time-p50"]?["value"]?.numberValue.map { abs($0 - times[0]) <= 1 } == true)
      #expect(figures["stop-time-p50"] == .object(["unit": .string("ms"), "value": .null]))
    }

    @Test func typedWordsAreSpokenAndTheLogHoldsTheSameEntriesAsStdout() throws {
      let (answer, log) = (folder.file("answer.wav"), folder.file("log.jsonl"))
      let outcome = try Program.run([
        "--headless", "--until-idle", "--input", "say:repeat after me good morning", "--output", "file:\(answer)",
        "--log", log,
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      #expect(recording.said(by: .user) == ["repeat after me good morning"])
      #expect(recording.said(by: .agent) == ["good morning"])
      #expect(try Recording(file: log).entries == recording.entries)
      let ear = try Ear(file: answer)
      #expect(ear.stretches.map { ear.words(in: $0) } == ["good morning"])
    }

    @Test func aPipeIsSpokenFromItsFirstSampleToItsLast() throws {
      let raw = folder.file("question.raw")
      try Voice.writeRaw("what time is it in tokyo", to: raw)
      let outcome = try Program.run(["--headless", "--until-idle", "--input", "stdin"], inputFile: raw)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      #expect(recording.said(by: .user) == ["what time is it in tokyo"])
      #expect(recording.said(by: .agent).first?.hasSuffix("in Tokyo.") == true)
      // Nobody listens before the connection is ready: not a sample is read before.
      let beginning = recording.entries.prefix {
        if case .connection(let change) = $0.event { change.state != .ready } else { true }
      }
      #expect(!beginning.contains { if case .micFrame = $0.event { true } else { false } })
    }

    @Test func aDurationEndsTheSessionAndSoDoesATerminationSignal() throws {
      let outcome = try Program.run(["--headless", "--duration", "1500ms"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      let end = try #require(recording.entries.last).at
      #expect(end >= .zero + .milliseconds(1500) && end < .zero + .seconds(20))

      let process = try Program.start(["--headless"])
      #expect(process.waitForLine { $0.contains(#""state":"ready""#) } != nil)
      process.terminate()
      #expect(process.waitUntilExit() == 0)
      try Recording(process.lines).expectWhole()
    }
  }
}
