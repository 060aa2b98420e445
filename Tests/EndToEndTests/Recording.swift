import Capture
import Foundation
import Insight
import Store
import Testing
import Timeline

/// The timeline that the program wrote, on stdout or into a log.
struct Recording {
  let entries: [Entry]
  let insight: Insight

  /// - Throws: `EntryLineError` for the first line that is no entry.
  init(_ lines: some Sequence<String>) throws {
    self.init(try lines.map { try EntryLine.decode($0.utf8) })
  }

  /// - Throws: `StoreError` when it cannot be read, or a line is no entry.
  init(file: String) throws { self.init(try TimelineReader.read(path: file).entries) }

  private init(_ entries: [Entry]) {
    self.entries = entries
    insight = entries.reduce(into: Insight()) { $0.observe($1) }
  }

  /// From the first entry to the last without a gap, and never back in time.
  func expectWhole(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(entries.map(\.index) == Array(entries.indices), "indexes have gaps", sourceLocation: sourceLocation)
    let isMonotonic = zip(entries, entries.dropFirst()).allSatisfy { $0.at <= $1.at }
    #expect(isMonotonic, "times run backwards", sourceLocation: sourceLocation)
    if case .sessionStarted? = entries.first?.event {} else { Issue.record("no start", sourceLocation: sourceLocation) }
    if case .sessionEnded(let end)? = entries.last?.event {
      #expect(end.orderly, "\(end.reason)", sourceLocation: sourceLocation)
    } else {
      Issue.record("no end", sourceLocation: sourceLocation)
    }
  }

  /// Final lines of the transcript.
  func said(by speaker: TranscriptLine.Speaker) -> [String] {
    insight.transcript.filter { $0.speaker == speaker && $0.isFinal }.map(\.text)
  }

  /// When the playout did this, in order.
  func moments(of kind: PlayoutChange.Kind) -> [Timestamp] {
    entries.compactMap { entry in
      if case .playoutChange(let change) = entry.event, change.kind == kind { entry.at } else { nil }
    }
  }

  /// The types of text messages received, in order.
  var receivedTypes: [String] {
    entries.compactMap { entry in
      guard case .message(let message) = entry.event, message.way == .toClient, message.kind == .text else {
        return nil
      }
      let object = try? JSONSerialization.jsonObject(with: Data(message.payload)) as? [String: Any]
      return object?["type"] as? String
    }
  }

  /// Seconds since the session's first entry.
  func seconds(_ moment: Timestamp) -> Double { (moment - (entries.first?.at ?? .zero)).milliseconds / 1000 }
}
