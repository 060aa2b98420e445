import Timeline
import Wire

/// A final transcript of speech of which no interim was ever sent.
struct FinalWithoutInterim: Detector {
  static let interests: Interests = [.wordsReceived, .wordsSent]
  private var hasInterim = false
  private var wasTyped = false

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    for event in read.meaning {
      switch event {
      case .transcriptInterim: hasInterim = true
      case .text: wasTyped = true
      case .transcriptFinal(let text):
        defer { (hasInterim, wasTyped) = (false, false) }
        if !hasInterim, !wasTyped, !text.isEmpty { return Evidence([read.index], "no interim came before it") }
      default: break
      }
    }
    return nil
  }
}

/// Two final transcripts, and nothing between them that could be a second utterance.
struct TwoFinals: Detector {
  static let interests: Interests = [.audioReceived, .wordsReceived, .wordsSent, .voiceEdge]
  private var final: (index: Int, at: Timestamp)?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if case .voiceEdge(let edge) = read.event {
      if edge.isStart { final = nil }
      return nil
    }
    for event in read.meaning {
      switch event {
      case .userSpeechStart, .transcriptInterim, .responseText, .audio, .text, .responseComplete, .interrupted:
        final = nil
      case .transcriptFinal:
        defer { final = (read.index, read.at) }
        guard let final else { break }
        return Evidence(
          [final.index, read.index], "the second came \(ms((read.at - final.at).milliseconds)) after the first")
      default: break
      }
    }
    return nil
  }
}

/// An interim transcript with fewer words than the one before it.
struct InterimShrinks: Detector {
  static let interests: Interests = .wordsReceived
  private var last: (index: Int, words: Int)?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    for event in read.meaning {
      switch event {
      case .transcriptInterim(let text):
        let words = text.split(whereSeparator: \.isWhitespace).count
        defer { last = (read.index, words) }
        if let last, words < last.words {
          return Evidence([last.index, read.index], "\(last.words) words became \(words)")
        }
      case .transcriptFinal, .userSpeechStart: last = nil
      default: break
      }
    }
    return nil
  }
}

/// A final that repeats the one before it, which was answered or is being answered, and nobody has spoken between them.
struct LateFinal: Detector {
  static let interests: Interests = [.audioReceived, .wordsReceived, .wordsSent, .voiceEdge]
  private var final: (index: Int, at: Timestamp, text: String)?
  private var isAnswered = false

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if case .voiceEdge(let edge) = read.event {
      if edge.isStart { final = nil }
      return nil
    }
    for event in read.meaning {
      switch event {
      case .userSpeechStart, .transcriptInterim, .text: final = nil
      case .responseText, .responseComplete, .interrupted: isAnswered = true
      case .audio: if read.message?.way == .toClient { isAnswered = true }
      case .transcriptFinal(let text):
        guard !text.isEmpty else { break }
        defer { (final, isAnswered) = ((read.index, read.at, String(text.prefix(2000))), false) }
        guard let final, isAnswered, sameWords(final.text, String(text.prefix(2000))) else { break }
        return Evidence(
          [final.index, read.index],
          "the same words came \(ms((read.at - final.at).milliseconds)) after the first time, and nobody had spoken since"
        )
      default: break
      }
    }
    return nil
  }
}

/// A second response to one utterance, because its final came twice.
struct AnsweredTwice: Detector {
  static let interests: Interests = [.audioReceived, .wordsReceived, .wordsSent, .voiceEdge]
  private var late = LateFinal()
  /// Twice the same final, and what began the second answer is not there yet.
  private var repeated: [Int]?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if let evidence = late.observe(read) {
      repeated = evidence.entries
      return nil
    }
    guard let finals = repeated else { return nil }
    if case .voiceEdge(let edge) = read.event, edge.isStart { repeated = nil }
    for (event, place) in read.message?.way == .toClient ? read.placed : [] {
      switch event {
      case .userSpeechStart, .transcriptInterim, .transcriptFinal: repeated = nil
      case .responseText, .audio, .responseStarted:
        guard case .response(_, isNew: true, continues: nil) = place else { break }
        repeated = nil
        return Evidence(finals + [read.index], "another response began to what was answered already")
      default: break
      }
    }
    return nil
  }
}
