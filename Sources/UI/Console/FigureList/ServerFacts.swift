import Insight
import Screen

/// What the server of a session hears and speaks with, and what it has not got, as the screen says it. Names are the
/// server's, and bounded.
struct ServerFacts {
  /// One engine.
  struct Fact {
    /// What it is for, in a word and in three letters or so.
    var what: String
    var short: String
    var name: String
  }
  /// Columns of names that are shown where room is dear.
  private static let shortest = 24

  /// The engines that are known, the recogniser first.
  let inUse: [Fact]
  /// The engines that are missing, and what to do to have them.
  let missing: (what: String, remedy: String?)?
  /// A few words for the strip; nil when nothing is missing.
  let badge: String?

  init(_ insight: Insight) {
    func fact(_ what: String, _ short: String, _ name: String?) -> Fact? {
      name.map { Fact(what: what, short: short, name: Truncation.tail($0, to: Self.shortest)) }
    }
    inUse = [
      fact("recogniser", "stt", insight.engines?.recognizer), fact("detector", "vad", insight.engines?.detector),
      fact("voice", "voice", insight.voice),
    ].compactMap(\.self)
    missing = insight.missingEngines
    // A notice tells in a whole sentence what is missing.
    badge =
      insight.engines?.missing.map { "no \(Truncation.tail($0, to: Self.shortest))" }
      ?? (missing == nil ? nil : "engines missing")
  }

  var isEmpty: Bool { inUse.isEmpty && missing == nil }

  /// As in `recogniser moonshine  detector silero  voice joe`.
  var flow: FigureFlow {
    var flow = FigureFlow()
    for fact in inUse { flow.add(fact.what, fact.name) }
    if let missing { flow.add("missing", missing.what, missing.remedy.map { "– \($0)" } ?? "", .warning) }
    return flow
  }

  /// For plain text and for people who listen.
  var lines: [String] {
    var lines: [String] = []
    if !inUse.isEmpty {
      lines.append("server: " + inUse.map { "\($0.what) \($0.name)" }.joined(separator: ", "))
    }
    if let missing {
      lines.append("missing engines: \(missing.what)" + (missing.remedy.map { ". To have them: \($0)" } ?? ""))
    }
    return lines
  }
}
