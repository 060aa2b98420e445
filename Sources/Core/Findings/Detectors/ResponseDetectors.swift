import Audio
import Timeline
import Wire

/// Audio of an answer that the server itself has declared cut. Told once for each cut, at its first audio.
struct AudioAfterInterrupted: Detector {
  static let interests: Interests = .received
  private var cut: (index: Int, at: Timestamp)?
  private var hasTold = false

  mutating func look(_ sight: Sight) -> Evidence? {
    for (event, place) in sight.placed {
      switch event {
      case .interrupted: (cut, hasTold) = ((sight.index, sight.at), false)
      // What comes from here on belongs to the next answer.
      case .transcriptFinal(let text): if !text.isEmpty { cut = nil }
      case .ready: cut = nil
      case .responseText: if !place.isStale { cut = nil }
      case .audio:
        guard let cut, !hasTold else { break }
        hasTold = true
        let dropped = place.isStale ? "; it is not played" : ""
        return Evidence(
          [cut.index, sight.index], "audio came \(ms((sight.at - cut.at).milliseconds)) after interrupted\(dropped)")
      default: break
      }
    }
    return nil
  }
}

/// Text of an answer that the server itself has declared cut. Told once for each cut.
struct TextAfterInterrupted: Detector {
  static let interests: Interests = .wordsReceived
  private var cut: (index: Int, at: Timestamp)?

  mutating func look(_ sight: Sight) -> Evidence? {
    for (event, place) in sight.placed {
      switch event {
      case .interrupted: cut = (sight.index, sight.at)
      case .transcriptFinal, .ready: cut = nil
      case .responseText:
        guard let begun = cut else { break }
        cut = nil
        guard place.isStale else { break }
        return Evidence(
          [begun.index, sight.index], "text came \(ms((sight.at - begun.at).milliseconds)) after interrupted")
      default: break
      }
    }
    return nil
  }
}

/// We cut a response, and the server never said that it was cut, or complete.
struct InterruptUnanswered: Detector {
  static let interests: Interests = [
    .received, .wordsSent, .operatorAct, .connection, .micFrame, .playout, .roundTrip, .session,
  ]
  static let patience = Duration.seconds(5)
  private var asked: (index: Int, at: Timestamp)?
  private var staleAudio = 0

  mutating func look(_ sight: Sight) -> Evidence? {
    guard sight.context.marksResponseEnd else { return nil }
    if sight.cutResponse != nil {
      (asked, staleAudio) = ((sight.index, sight.at), 0)
      return nil
    }
    guard let asked else { return nil }
    if let change = sight.connection {
      // A lost connection is another matter.
      if change.state == .closed { self.asked = nil }
      return nil
    }
    let isOurs = sight.message?.way == .toServer
    for (event, place) in isOurs ? [] : sight.placed {
      switch event {
      case .responseComplete, .interrupted:
        self.asked = nil
        return nil
      case .audio where place.isStale: staleAudio += 1
      case .transcriptFinal(let text) where !text.isEmpty: return evidence(asked, sight, "the next turn's transcript")
      case .responseText, .audio:
        if !place.isStale { return evidence(asked, sight, "the next response") }
      default: break
      }
    }
    if isOurs { for case .text in sight.meaning { return evidence(asked, sight, "the next typed turn") } }
    if case .sessionEnded = sight.event { return evidence(asked, sight, "the end of the session") }
    guard sight.at - asked.at >= Self.patience else { return nil }
    return evidence(asked, sight, nil)
  }

  private mutating func evidence(_ asked: (index: Int, at: Timestamp), _ sight: Sight, _ next: String?) -> Evidence? {
    self.asked = nil
    let waited = ms((sight.at - asked.at).milliseconds)
    // A server has a moment to answer in, whatever else happens in it.
    if next == "the end of the session", sight.at - asked.at < .seconds(1) { return nil }
    let sound = staleAudio == 0 ? "" : "; \(staleAudio) audio message\(staleAudio == 1 ? "" : "s") of it came meanwhile"
    return Evidence(
      [asked.index, sight.index],
      next.map { "\($0) came \(waited) after the interrupt, and no answer to it before" + sound }
        ?? "no answer within \(waited)" + sound)
  }
}

/// Audio without words, or of the same name, behind the end of the response that it belongs to. Told once for each.
struct AudioAfterComplete: Detector {
  static let interests: Interests = .received
  private var complete: (index: Int, at: Timestamp)?

  mutating func look(_ sight: Sight) -> Evidence? {
    for (event, place) in sight.placed {
      switch (event, place) {
      case (.responseComplete, .ended): complete = (sight.index, sight.at)
      case (.interrupted, _): complete = nil
      case (_, .response(_, isNew: true, let continues)):
        defer { complete = nil }
        guard continues != nil, let complete else { break }
        let what = if case .audio = event { "audio" } else { "text" }
        return Evidence(
          [complete.index, sight.index],
          "\(what) of the response came \(ms((sight.at - complete.at).milliseconds)) after response_complete")
      default: break
      }
    }
    return nil
  }
}

/// A response is ended a second time.
struct ResponseEndedTwice: Detector {
  static let interests: Interests = .received
  private var end: (index: Int, at: Timestamp, name: String)?

  mutating func look(_ sight: Sight) -> Evidence? {
    guard sight.context.marksResponseEnd else { return nil }
    for (event, place) in sight.placed {
      let name: String
      switch event {
      case .responseComplete: name = "response_complete"
      case .interrupted: name = "interrupted"
      default: continue
      }
      defer { end = (sight.index, sight.at, name) }
      guard place == .surplus else { continue }
      guard let end else { return Evidence([sight.index], "\(name) came, and no response had been begun") }
      return Evidence(
        [end.index, sight.index],
        "\(name) came \(ms((sight.at - end.at).milliseconds)) after \(end.name), with no response between them")
    }
    return nil
  }
}

/// Two responses are sent at a time, told by their names. Told once for each that is not alone.
struct ResponsesInterleaved: Detector {
  static let interests: Interests = .received
  static let limit = 8
  /// Responses that have begun and not ended, oldest first, with what began them.
  private var open: [(id: ResponseID, name: String, index: Int, hasTold: Bool)] = []

  mutating func look(_ sight: Sight) -> Evidence? {
    for (_, place) in sight.placed {
      switch place {
      case .ended(let ids): open.removeAll { ids.contains($0.id) }
      case .response(let id, let isNew, _):
        if isNew {
          // Where one is not ended, and nothing more of it comes, another rule speaks of it.
          open.append((id, sight.about?.response ?? "", sight.index, false))
          if open.count > Self.limit { open.removeFirst() }
          break
        }
        guard let i = open.firstIndex(where: { $0.id == id }), let last = open.indices.last, i < last,
          !open[last].hasTold
        else { break }
        open[last].hasTold = true
        return Evidence(
          [open[i].index, open[last].index, sight.index],
          "response \(printable(open[last].name)) began before \(printable(open[i].name)) had ended, which goes on")
      default: break
      }
    }
    if sight.context.marksResponseEnd { for case .ready in sight.meaning { open = [] } }
    return nil
  }
}

/// The user speaks, the agent is heard all the while, and nobody cuts it.
struct AgentOverUser: Detector {
  static let interests: Interests = [.received, .voiceEdge, .playout, .playoutChange, .micFrame]
  /// Both at once for so long: longer than a backchannel, the slowest barge-in that people bear, and our detector's
  /// hangover together.
  static let longestOverlapMs = 1500.0
  private var speech: (index: Int, at: Timestamp)?
  private var overlapMs = 0.0
  private var firstBlock: Int?
  private var hasTold = false
  private var witness = EchoWitness()

  mutating func look(_ sight: Sight) -> Evidence? {
    switch sight.event {
    case .voiceEdge(let edge):
      speech = edge.isStart ? (sight.index, sight.at - .recorded(milliseconds: edge.sinceMs)) : nil
      (overlapMs, firstBlock, hasTold) = (0, nil, false)
    case .micFrame(let frame):
      witness.captured(
        rmsDB: frame.rmsDB, until: frame.end(at: sight.at), lasting: .samples(frame.sampleCount, rate: frame.rate))
    case .playoutChange(let change): if change.kind == .flushed { (overlapMs, firstBlock) = (0, nil) }
    case .message: for case .interrupted in sight.meaning { (overlapMs, firstBlock) = (0, nil) }
    case .playout(let block): return heard(block, sight)
    default: break
    }
    return nil
  }

  private mutating func heard(_ block: PlayoutBlock, _ sight: Sight) -> Evidence? {
    guard block.response != nil else { return nil }
    let start = sight.at + .recorded(milliseconds: block.deviceDelayMs)
    let length = Duration.samples(block.sampleCount, rate: block.rate)
    witness.heard(rmsDB: block.rmsDB, from: start, lasting: length)
    guard let speech, start + length > speech.at, !hasTold else { return nil }
    firstBlock = firstBlock ?? sight.index
    overlapMs += length.milliseconds
    // A microphone that hears the agent is another matter.
    guard overlapMs >= Self.longestOverlapMs, !(sight.context.hearsMicrophone && witness.isEcho) else { return nil }
    hasTold = true
    return Evidence(
      [speech.index, firstBlock, sight.index], "the user has spoken into \(ms(overlapMs)) of the answer, and it goes on"
    )
  }
}

/// A response was begun, and neither `response_complete` nor `interrupted` ever ended it.
struct ResponseNeverCompleted: Detector {
  static let interests: Interests = [.audioReceived, .wordsReceived, .connection, .micFrame, .roundTrip, .operatorAct]
  /// Longer than any pause for a tool's answer that a listener would bear.
  static let patience = Duration.seconds(15)
  private var begun: Int?
  private var last: Timestamp?
  private var tail: ResponseID?

  mutating func look(_ sight: Sight) -> Evidence? {
    guard sight.context.marksResponseEnd else { return nil }
    if let change = sight.connection {
      // A lost connection is another matter.
      if change.state == .closed { begun = nil }
      return nil
    }
    // So is an interrupt that is not answered.
    if sight.cutResponse != nil { begun = nil }
    for (event, place) in sight.placed {
      switch event {
      case .audio, .responseText:
        guard case .response(let id, _, let continues) = place else { break }
        if continues != nil { tail = id }
        // What comes after the end of a response has no end of its own.
        guard id != tail else { break }
        begun = begun ?? sight.index
        last = sight.at
      case .responseComplete, .interrupted: begun = nil
      case .transcriptFinal:
        guard let open = begun else { break }
        begun = nil
        return Evidence([open, sight.index], "the next turn's transcript came while the response was still open")
      default: break
      }
    }
    guard let open = begun, let last, sight.at - last >= Self.patience else { return nil }
    begun = nil
    return Evidence(
      [open, sight.index], "nothing came for \(ms((sight.at - last).milliseconds)), and no end of the response")
  }
}

/// Audio went out on a connection whose server had not said `ready`.
struct SendBeforeReady: Detector {
  static let interests: Interests = [.audioSent, .wordsReceived, .connection]
  private var opened: Int?
  private var hasTold = false

  mutating func look(_ sight: Sight) -> Evidence? {
    if let change = sight.connection {
      switch change.state {
      case .open: (opened, hasTold) = (sight.index, false)
      case .ready, .closed, .failed: opened = nil
      default: break
      }
      return nil
    }
    if sight.audio != nil, let opened, !hasTold, sight.context.needsReady {
      hasTold = true
      return Evidence([opened, sight.index], "the first audio message went out before ready")
    }
    for case .ready in sight.meaning { opened = nil }
    return nil
  }
}
