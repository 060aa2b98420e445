import Audio
import Timeline
import Wire

// How playout entries complete turns: what was heard, and when.
extension Insight {
  mutating func observe(_ block: PlayoutBlock, at now: Timestamp) {
    playout.depthMs = block.depthMs
    playout.targetMs = block.targetMs
    playout.deviceDelayMs = block.deviceDelayMs
    playout.isPlaying = block.response != nil
    delivery.played(block, at: now)
    guard let response = block.response, let i = turn(of: response) else { return }
    let heard = now + .recorded(milliseconds: block.deviceDelayMs)
    let length = Duration.samples(block.sampleCount, rate: block.rate)
    echoWitness.heard(rmsDB: block.rmsDB, from: heard, lasting: length)
    bargeIns.handedOver(length, heardFrom: heard)
    turns[i].lastSound = heard + length
    turns[i].playedMs += length.milliseconds
    playout.playedMs += length.milliseconds
    // What cannot be told from compressed bytes is known once it waits to be played.
    if !turns[i].knowsReceived { turns[i].receivedMs = max(turns[i].receivedMs, turns[i].playedMs + block.depthMs) }
    if turns[i].firstSound == nil {
      turns[i].firstSound = heard
      latency.observe(&turns[i])
    }
    noteSpoken(i, isOver: false, at: now)
  }

  mutating func observe(_ change: PlayoutChange, at now: Timestamp) {
    // Every word about a response names it at its turn, even if it is never heard.
    let answered = change.response.flatMap { turn(of: $0, evenIfCut: change.kind == .flushed) }
    delivery.changed(change, at: now)
    switch change.step {
    case .underrun: playout.underruns += 1
    case .flushed(let playedMs, let discardedMs, let remainingMs):
      playout.flushes += 1
      playout.discardedMs += discardedMs
      playout.isPlaying = false
      playout.depthMs = 0
      let silence = now + .recorded(milliseconds: remainingMs ?? 0)
      bargeIns.emptied(at: now, lastSound: silence, isCut: true, turn: answered.map { turns[$0].number })
      if let i = answered {
        turns[i].isPlayedOut = true
        if let last = turns[i].lastSound { turns[i].lastSound = min(last, silence) }
        turns[i].discardedMs += discardedMs
        // What was handed over and thrown away before it was heard was not played after all.
        turns[i].playedMs = min(turns[i].playedMs, playedMs)
        turns[i].receivedMs = max(turns[i].receivedMs, turns[i].playedMs + turns[i].discardedMs)
        if turns[i].ending == nil || turns[i].ending == .completed {
          turns[i].ending = turns[i].interruptRequested == nil ? .bargedIn : .interrupted
        }
        noteSpoken(i, isOver: true, at: now)
        markCut(i)
        // Where nobody says that a response has ended, this is its end.
        if !reader.card.marksResponseEnd, !turns[i].isOver { endTurn(i, turns[i].ending ?? .bargedIn, at: now) }
        asideCut(i, at: now)
        latency.observe(&turns[i])
      }
    case .held(_, let takenBackMs, let remainingMs):
      playout.isPlaying = false
      let silence = now + .recorded(milliseconds: remainingMs ?? 0)
      bargeIns.held(lastSound: silence)
      playout.playedMs = max(0, playout.playedMs - takenBackMs)
      if let i = answered {
        if let last = turns[i].lastSound { turns[i].lastSound = min(last, silence) }
        turns[i].playedMs = max(0, turns[i].playedMs - takenBackMs)
      }
    case .resumed: bargeIns.resumed(at: now)
    case .finished:
      playout.isPlaying = false
      playout.depthMs = 0
      bargeIns.emptied(at: now, lastSound: nil, isCut: false, turn: answered.map { turns[$0].number })
      if let i = answered {
        turns[i].isPlayedOut = true
        finishedPlaying(i, at: now)
        latency.observe(&turns[i])
      }
    case .format(let format, let rate):
      playout.format = [format.rawValue, rate.map { "\($0) Hz" }].compactMap(\.self).joined(separator: " ")
      receivedLength.detected(change)
    case .undecodable:
      playout.undecodable += 1
      receivedLength.detected(change)
    case .decoded(let ms):
      delivery.wire.decoded(ms)
      guard let i = answered, ms.isFinite, ms > 0 else { break }
      turns[i].receivedMs += ms
      bargeIns.audioReceived(ms, at: now)
    case .started, .recovered: break
    }
  }

  private mutating func finishedPlaying(_ i: Int, at now: Timestamp) {
    noteSpoken(i, isOver: true, at: now)
    if !reader.card.marksResponseEnd, !turns[i].isOver { endTurn(i, .completed, at: now) }
    switch turns[i].ending {
    case .completed:
      let line = transcript.last { $0.speaker == .agent && $0.turn == turns[i].number && $0.spokenMs == nil }
      // Of a text that is not kept whole it is not known how long it was spoken.
      let length = line.map { $0.cutBytes == 0 ? $0.text.count : 0 } ?? 0
      speechRate.learn(characters: length, ms: turns[i].playedMs)
    // What had come before the connection was lost was played to its end.
    case .connectionLost: markCut(i)
    case .interrupted, .bargedIn, nil: break
    }
  }

  /// The share of an answer (0…1) that was heard so far, while it is on its way to the ear; nil for what is settled.
  ///
  /// Estimated from the agent's rate of speech, as `TranscriptLine.heardShare` is.
  public func shareHeard(of line: TranscriptLine) -> Double? {
    guard line.speaker == .agent, line.heardShare == nil, line.spokenMs == nil, let number = line.turn,
      let turn = turns.last(where: { $0.number == number }), !turn.isPlayedOut
    else { return nil }
    // An answer in text alone is read, not heard; and so is one whose playout nobody records.
    if turn.firstAudio == nil { return turn.isOver ? nil : 0 }
    if turn.isOver, playout.targetMs == 0 { return nil }
    // Whatever became of it: once a later answer has come, nobody waits for this one.
    if turns.last(where: { $0.firstAudio != nil })?.number != number { return nil }
    return speechRate.share(of: line.text.count, in: turn.playedMs)
  }

  /// Audio came in.
  /// - Parameters:
  ///   - byteCount: of its message.
  ///   - i: the turn whose answer it is of; nil where that is not kept.
  mutating func audioArrived(_ payload: AudioPayload, in byteCount: Int, turn i: Int?, at now: Timestamp) {
    if let sentAt = payload.sentAtMs { delivery.stamped(sentAt, at: now) }
    let arrival = receivedLength.read(payload, rate: outputRate)
    delivery.wire.passed(
      arrival.format, messageBytes: byteCount, codedBytes: payload.bytes.count, lasting: arrival.ms)
    guard let ms = arrival.ms else {
      if let i { turns[i].knowsReceived = false }
      let isOpus = arrival.format == .oggOpus || arrival.format == .opus
      delivery.arrived(byteCount: payload.bytes.count, isOpus: isOpus, at: now)
      playout.jitterMs = delivery.jitterMs
      return bargeIns.audioReceived(0, at: now)
    }
    if let i { turns[i].receivedMs += ms }
    delivery.arrived(ms, at: now)
    playout.jitterMs = delivery.jitterMs
    bargeIns.audioReceived(ms, at: now)
  }

  /// The turn that a response answers. Responses reach the speaker in the order in which turns got their audio; a turn
  /// that was cut before any of it was heard is passed over, unless the playout speaks of what it threw away.
  private mutating func turn(of response: ResponseID, evenIfCut: Bool = false) -> Int? {
    if let i = turns.lastIndex(where: { $0.response == response }) { return i }
    // Where the session counted responses as is done here.
    if let i = turns.lastIndex(where: { $0.tails.contains(response) && $0.response == $0.place }) { return i }
    let candidate = turns.firstIndex {
      $0.response == nil && $0.firstAudio != nil && $0.firstSound == nil
        && (evenIfCut || !($0.ending == .interrupted || $0.ending == .bargedIn))
    }
    guard let i = candidate else { return nil }
    turns[i].response = response
    return i
  }
}

/// Characters of text that a second of the agent's speech holds.
struct SpeechRate: Sendable {
  /// 14 characters a second, as flite's `slt` speaks; from then on a moving average of what was heard.
  private var charactersPerMs = 0.014

  mutating func learn(characters: Int, ms: Double) {
    guard characters > 20, ms > 1000 else { return }
    charactersPerMs += (Double(characters) / ms - charactersPerMs) * 0.3
  }

  /// The share of a text (0…1) that `ms` of speech cover.
  func share(of characters: Int, in ms: Double) -> Double {
    characters == 0 ? 0 : min(1, ms * charactersPerMs / Double(characters))
  }
}
