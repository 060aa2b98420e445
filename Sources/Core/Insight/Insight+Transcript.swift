import Timeline

// The transcript: interim replaces interim, deltas append, cuts are marked.
extension Insight {
  mutating func append(
    _ speaker: TranscriptLine.Speaker, _ text: String, at now: Timestamp, turn: Int? = nil, isFinal: Bool = true
  ) {
    transcript.append(TranscriptLine(speaker: speaker, at: now, text: text, isFinal: isFinal, turn: turn))
    if transcript.count > Insight.lineLimit { transcript.removeFirst() }
  }

  mutating func setUserLine(_ text: String, isFinal: Bool, turn i: Int, at now: Timestamp) {
    let number = turns[i].number
    if let line = transcript.lastIndex(where: { $0.speaker == .user && $0.turn == number }) {
      transcript[line].text = text
      transcript[line].isFinal = isFinal
    } else {
      append(.user, text, at: turns[i].speechStart ?? now, turn: number, isFinal: isFinal)
    }
  }

  mutating func removeUserLine(of number: Int) {
    if let line = transcript.lastIndex(where: { $0.speaker == .user && $0.turn == number }) {
      transcript.remove(at: line)
    }
  }

  mutating func extendAgentLine(_ text: String, turn number: Int, at now: Timestamp) {
    guard let line = agentLine(of: number) else {
      return append(.agent, text, at: now, turn: number, isFinal: false)
    }
    let needsSpace = transcript[line].text.last.map { !$0.isWhitespace } ?? false
    let endsSentence = transcript[line].text.last.map { ".!?".contains($0) } ?? false
    // Servers that send sentence by sentence often leave out the space between them.
    if needsSpace, endsSentence, let first = text.first, !first.isWhitespace { transcript[line].text += " " }
    transcript[line].text += text
  }

  mutating func settleAgentLine(of number: Int) {
    if let line = agentLine(of: number) { transcript[line].isFinal = true }
  }

  /// Marks the turn's answer as cut after what was heard of it so far.
  mutating func markCut(_ i: Int) {
    guard let line = agentLine(of: turns[i].number) else { return }
    transcript[line].isFinal = true
    transcript[line].heardShare = speechRate.share(of: transcript[line].text.count, in: turns[i].playedMs)
  }

  /// Marks where the connection was lost, and on the same line that it is there again.
  ///
  /// To be called before `link` has taken the change: only a connection that was open can be lost.
  mutating func markBreak(_ change: ConnectionChange, at now: Timestamp) {
    switch change.state {
    case .closed, .failed:
      guard lostAt == nil, link.state == .open || link.state == .ready || link.state == .closing else { return }
      lostAt = now
      let reason = change.reason.flatMap { $0.isEmpty ? nil : $0 } ?? change.code.map { "closed with \($0)" }
      let what = change.by == .client ? "disconnected on purpose" : "connection lost"
      append(.link, what + (reason.map { ": \($0)" } ?? ""), at: now, isFinal: false)
    case .ready, .open:
      guard let lostAt, change.state == .ready || !dialect.needsReady else { return }
      self.lostAt = nil
      guard let line = transcript.lastIndex(where: { $0.speaker == .link }) else { return }
      let seconds = Int(((now - lostAt).milliseconds / 100).rounded())
      let resumed = change.resumed.map { $0 ? ", conversation resumed" : ", a new conversation" } ?? ""
      transcript[line].text += " – back after \(seconds / 10).\(seconds % 10) s\(resumed)"
      transcript[line].isFinal = true
    default: break
    }
  }

  private func agentLine(of number: Int) -> Int? {
    transcript.lastIndex { $0.speaker == .agent && $0.turn == number }
  }
}
