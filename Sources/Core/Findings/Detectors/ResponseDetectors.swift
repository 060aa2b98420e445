import Audio
import Timeline
import Wire

/// Audio of an answer that the server itself has declared cut. Told once for each cut, at its first audio.
struct AudioAfterInterrupted: Detector {
  static let interests: Interests = .received
  private var cut: (index: Int, at: Timestamp)?
  private var hasTold = false

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    for (event, place) in read.placed {
      switch event {
      case .interrupted: (cut, hasTold) = ((read.index, read.at), false)
      // What comes from here on belongs to the next answer.
      case .transcriptFinal(let text): if !text.isEmpty { cut = nil }
      case .ready: cut = nil
      case .responseText: if !place.isStale { cut = nil }
      case .audio:
        guard let cut, !hasTold else { break }
        hasTold = true
        let dropped = place.isStale ? "; it is not played" : ""
        return Evidence(
          [cut.index, read.index], "audio came \(ms((read.at - cut.at).milliseconds)) after interrupted\(dropped)")
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

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    for (event, place) in read.placed {
      switch event {
      case .interrupted: cut = (read.index, read.at)
      case .transcriptFinal, .ready: cut = nil
      case .responseText:
        guard let begun = cut else { break }
        cut = nil
        guard place.isStale else { break }
        return Evidence(
          [begun.index, read.index], "text came \(ms((read.at - begun.at).milliseconds)) after interrupted")
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

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard read.context.marksResponseEnd else { return nil }
    if read.cutResponse != nil {
      (asked, staleAudio) = ((read.index, read.at), 0)
      return nil
    }
    guard let asked else { return nil }
    if let change = read.connection {
      // A lost connection is another matter.
      if change.state == .closed { self.asked = nil }
      return nil
    }
    let isOurs = read.message?.way == .toServer
    for (event, place) in isOurs ? [] : read.placed {
      switch event {
      case .responseComplete, .interrupted:
        self.asked = nil
        return nil
      case .audio where place.isStale: staleAudio += 1
      case .transcriptFinal(let text) where !text.isEmpty: return evidence(asked, read, "the next turn's transcript")
      case .responseText, .audio:
        if !place.isStale { return evidence(asked, read, "the next response") }
      default: break
      }
    }
    if isOurs { for case .text in read.meaning { return evidence(asked, read, "the next typed turn") } }
    if case .sessionEnded = read.event { return evidence(asked, read, "the end of the session") }
    guard read.at - asked.at >= Self.patience else { return nil }
    return evidence(asked, read, nil)
  }

  private mutating func evidence(_ asked: (index: Int, at: Timestamp), _ read: ReadEntry, _ next: String?) -> Evidence?
  {
    self.asked = nil
    let waited = ms((read.at - asked.at).milliseconds)
    // A server has a moment to answer in, whatever else happens in it.
    if next == "the end of the session", read.at - asked.at < .seconds(1) { return nil }
    let sound = staleAudio == 0 ? "" : "; \(staleAudio) audio message\(staleAudio == 1 ? "" : "s") of it came meanwhile"
    return Evidence(
      [asked.index, read.index],
      next.map { "\($0) came \(waited) after the interrupt, and no answer to it before" + sound }
        ?? "no answer within \(waited)" + sound)
  }
}

/// Audio without words, or of the same name, behind the end of the response that it belongs to. Told once for each.
struct AudioAfterComplete: Detector {
  static let interests: Interests = .received
  private var complete: (index: Int, at: Timestamp)?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    for (event, place) in read.placed {
      switch (event, place) {
      case (.responseComplete, .ended): complete = (read.index, read.at)
      case (.interrupted, _): complete = nil
      case (_, .response(_, isNew: true, let continues)):
        defer { complete = nil }
        guard continues != nil, let complete else { break }
        let what = if case .audio = event { "audio" } else { "text" }
        return Evidence(
          [complete.index, read.index],
          "\(what) of the response came \(ms((read.at - complete.at).milliseconds)) after response_complete")
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

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard read.context.marksResponseEnd else { return nil }
    for (event, place) in read.placed {
      let name: String
      switch event {
      case .responseComplete: name = "response_complete"
      case .interrupted: name = "interrupted"
      default: continue
      }
      defer { end = (read.index, read.at, name) }
      guard place == .surplus else { continue }
      guard let end else { return Evidence([read.index], "\(name) came, and no response had been begun") }
      return Evidence(
        [end.index, read.index],
        "\(name) came \(ms((read.at - end.at).milliseconds)) after \(end.name), with no response between them")
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

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    for (_, place) in read.placed {
      switch place {
      case .ended(let ids): open.removeAll { ids.contains($0.id) }
      case .response(let id, let isNew, _):
        if isNew {
          // Where one is not ended, and nothing more of it comes, another rule speaks of it.
          open.append((id, read.about?.response ?? "", read.index, false))
          if open.count > Self.limit { open.removeFirst() }
          break
        }
        guard let i = open.firstIndex(where: { $0.id == id }), let last = open.indices.last, i < last,
          !open[last].hasTold
        else { break }
        open[last].hasTold = true
        return Evidence(
          [open[i].index, open[last].index, read.index],
          "response \(printable(open[last].name)) began before \(printable(open[i].name)) had ended, which goes on")
      default: break
      }
    }
    if read.context.marksResponseEnd { for case .ready in read.meaning { open = [] } }
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

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    switch read.event {
    case .voiceEdge(let edge):
      speech = edge.isStart ? (read.index, read.at - .recorded(milliseconds: edge.sinceMs)) : nil
      (overlapMs, firstBlock, hasTold) = (0, nil, false)
    case .micFrame(let frame):
      witness.captured(
        rmsDB: frame.rmsDB, until: frame.end(at: read.at), lasting: .samples(frame.sampleCount, rate: frame.rate))
    case .playoutChange(let change):
      if change.kind == .flushed || change.kind == .held { (overlapMs, firstBlock) = (0, nil) }
    case .message: for case .interrupted in read.meaning { (overlapMs, firstBlock) = (0, nil) }
    case .playout(let block): return heard(block, read)
    default: break
    }
    return nil
  }

  private mutating func heard(_ block: PlayoutBlock, _ read: ReadEntry) -> Evidence? {
    guard block.response != nil else { return nil }
    let start = read.at + .recorded(milliseconds: block.deviceDelayMs)
    let length = Duration.samples(block.sampleCount, rate: block.rate)
    witness.heard(rmsDB: block.rmsDB, from: start, lasting: length)
    guard let speech, start + length > speech.at, !hasTold else { return nil }
    firstBlock = firstBlock ?? read.index
    overlapMs += length.milliseconds
    // A microphone that hears the agent is another matter.
    guard overlapMs >= Self.longestOverlapMs, !(read.context.hearsMicrophone && witness.isEcho) else { return nil }
    hasTold = true
    return Evidence(
      [speech.index, firstBlock, read.index], "the user has spoken into \(ms(overlapMs)) of the answer, and it goes on"
    )
  }
}

/// A response was begun, and neither `response_complete` nor `interrupted` ever ended it.
struct ResponseNeverCompleted: Detector {
  static let interests: Interests = [
    .audioReceived, .wordsReceived, .connection, .micFrame, .roundTrip, .operatorAct, .voiceEdge, .playout,
  ]
  /// Longer than any pause for a tool's answer that a listener would bear.
  static let patience = Duration.seconds(15)
  /// Speech that begins so soon after the last of a response that came or was heard is speech over it.
  static let overlap = Duration.seconds(1)
  private var begun: Int?
  private var last: Timestamp?
  private var tail: ResponseID?
  /// When the agent was heard last.
  private var heard: Timestamp?
  /// The user began to speak while the response went on: its final is no sign that the response should have ended.
  private var isSpokenOver = false
  /// Such a final came, and the response has not ended since.
  private var finalOver: Int?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard read.context.marksResponseEnd else { return nil }
    switch read.event {
    case .connection(let change):
      // A lost connection is another matter.
      if change.state == .closed { end() }
      return nil
    case .playout(let block):
      if block.response != nil { heard = read.at }
      return nil
    case .voiceEdge(let edge):
      if edge.isStart { speechBegan(at: read.at - .recorded(milliseconds: edge.sinceMs)) }
      return nil
    default: break
    }
    // So is an interrupt that is not answered.
    if read.cutResponse != nil { end() }
    for (event, place) in read.placed {
      switch event {
      case .userSpeechStart, .transcriptInterim: speechBegan(at: read.at)
      case .audio, .responseText:
        guard case .response(let id, let isNew, let continues) = place else { break }
        if continues != nil { tail = id }
        // What comes after the end of a response has no end of its own.
        guard id != tail else { break }
        if isNew, let begun, let finalOver {
          (self.begun, self.finalOver, last) = (read.index, nil, read.at)
          return Evidence([begun, finalOver, read.index], "the next response began while this one was still open")
        }
        begun = begun ?? read.index
        last = read.at
      case .responseComplete, .interrupted: end()
      // Where the words come beside the answer, they may be those that it answers.
      case .transcriptFinal where read.context.transcription == .beforeAnswer:
        defer { isSpokenOver = false }
        guard let begun else { break }
        if isSpokenOver {
          finalOver = read.index
          break
        }
        end()
        return Evidence([begun, read.index], "the next turn's transcript came while the response was still open")
      default: break
      }
    }
    return silence(read)
  }

  private mutating func end() { (begun, finalOver, isSpokenOver) = (nil, nil, false) }

  private mutating func speechBegan(at moment: Timestamp) {
    guard begun != nil, let last = [last, heard].compactMap(\.self).max() else { return }
    isSpokenOver = isSpokenOver || moment - last < Self.overlap
  }

  private mutating func silence(_ read: ReadEntry) -> Evidence? {
    guard let open = begun, let last, read.at - last >= Self.patience else { return nil }
    end()
    return Evidence(
      [open, read.index], "nothing came for \(ms((read.at - last).milliseconds)), and no end of the response")
  }
}

/// The server held a response, and said neither that it goes on nor that it is cut. Told once for each hold.
struct HoldNotEnded: Detector {
  static let interests: Interests = [
    .received, .connection, .micFrame, .playout, .roundTrip, .operatorAct, .session,
  ]
  /// After so long a client goes on by itself.
  static let patience = Duration.seconds(3)
  private var held: (index: Int, at: Timestamp)?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if let change = read.connection {
      // A lost connection is another matter.
      if change.state == .closed { held = nil }
      return nil
    }
    // What the operator has cut is held no more.
    if read.cutResponse != nil { held = nil }
    for event in read.meaning {
      switch event {
      case .responseHeld: held = held ?? (read.index, read.at)
      case .responseResumed, .interrupted, .ready: held = nil
      default: break
      }
    }
    guard let held, read.at - held.at >= Self.patience else { return nil }
    self.held = nil
    return Evidence(
      [held.index, read.index],
      "neither response_resumed nor interrupted came within \(ms((read.at - held.at).milliseconds))")
  }
}

/// Audio went out on a connection whose server had not said `ready`.
struct SendBeforeReady: Detector {
  static let interests: Interests = [.audioSent, .wordsReceived, .connection]
  private var opened: Int?
  private var hasTold = false

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if let change = read.connection {
      switch change.state {
      case .open: (opened, hasTold) = (read.index, false)
      case .ready, .closed, .failed: opened = nil
      default: break
      }
      return nil
    }
    if read.audio != nil, let opened, !hasTold, read.context.needsReady {
      hasTold = true
      return Evidence([opened, read.index], "the first audio message went out before ready")
    }
    for case .ready in read.meaning { opened = nil }
    return nil
  }
}
