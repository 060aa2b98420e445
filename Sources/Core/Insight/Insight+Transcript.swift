import Timeline
import Wire

// The transcript: interim replaces interim, deltas append, cuts are marked.
extension Insight {
  mutating func append(
    _ speaker: TranscriptLine.Speaker, _ text: String, at now: Timestamp, turn: Int? = nil, isFinal: Bool = true
  ) {
    if speaker == .agent, let turn, let i = turns.lastIndex(where: { $0.number == turn }) {
      turns[i].hasAgentLine = true
    }
    insert(TranscriptLine(speaker: speaker, at: now, text: text, isFinal: isFinal, turn: turn), at: transcript.count)
  }

  /// - Parameter place: before which line.
  mutating func insert(_ line: TranscriptLine, at place: Int) {
    transcript.insert(line, at: place)
    transcriptBytes += line.text.utf8.count
    forgetLines()
  }

  /// Changes a line's text. Its place is no longer known afterwards, because older lines may have gone.
  private mutating func edit(_ line: Int, _ edit: (inout TranscriptLine) -> Void) {
    transcriptBytes -= transcript[line].text.utf8.count
    edit(&transcript[line])
    transcriptBytes += transcript[line].text.utf8.count
    forgetLines()
  }

  private mutating func forgetLines() {
    // One line is always kept; it is far below the limit.
    while transcript.count > Insight.lineLimit || transcriptBytes > Insight.transcriptByteLimit {
      guard transcript.count > 1 else { return }
      transcriptBytes -= transcript.removeFirst().text.utf8.count
      forgottenLines += 1
    }
  }

  mutating func setUserLine(_ text: String, isFinal: Bool, turn i: Int, at now: Timestamp) {
    if let line = userLine(of: i) {
      transcript[line].isFinal = isFinal
      edit(line) { $0.replace(text) }
    } else {
      turns[i].hasUserLine = true
      append(.user, text, at: turns[i].speechStart ?? now, turn: turns[i].number, isFinal: isFinal)
    }
  }

  mutating func removeUserLine(of number: Int) {
    if let line = transcript.lastIndex(where: { $0.speaker == .user && $0.turn == number }) {
      transcriptBytes -= transcript.remove(at: line).text.utf8.count
    }
  }

  mutating func extendAgentLine(_ delta: String, turn number: Int, at now: Timestamp) {
    if answerText.turn != number {
      if let line = agentLine(of: answerText.turn) {
        let rest = answerText.delta.end()
        edit(line) { $0.add(rest) }
      }
      answerText = AnswerText(turn: number)
    }
    let text = answerText.spoken(delta)
    guard !text.isEmpty else { return }
    guard let line = agentLine(of: number) else {
      return append(.agent, text, at: now, turn: number, isFinal: false)
    }
    guard transcript[line].spokenMs == nil else {
      // Words of an answer whose sound came first.
      (transcript[line].spokenMs, transcript[line].isFinal) = (nil, false)
      return edit(line) { $0.replace(text) }
    }
    let needsSpace = transcript[line].text.last.map { !$0.isWhitespace } ?? false
    let endsSentence = transcript[line].text.last.map { ".!?".contains($0) } ?? false
    // Servers that send sentence by sentence often leave out the space between them.
    let isApart = needsSpace && endsSentence && text.first.map { !$0.isWhitespace } ?? false
    edit(line) { $0.add(isApart ? " " + text : text) }
  }

  mutating func settleAgentLine(of number: Int) {
    guard let line = agentLine(of: number) else { return }
    // How long it spoke is known when it was heard.
    if transcript[line].spokenMs == nil { transcript[line].isFinal = true }
    endText(of: line)
  }

  /// A first half of a character without its second.
  private mutating func endText(of line: Int) {
    guard answerText.turn == transcript[line].turn else { return }
    let rest = answerText.delta.end()
    if !rest.isEmpty { edit(line) { $0.add(rest) } }
  }

  /// An answer of which no words have come is heard: the line says that, and how long it was.
  mutating func noteSpoken(_ i: Int, isOver: Bool, at now: Timestamp) {
    // Less than that is no word.
    guard turns[i].playedMs >= 100 else { return }
    let number = turns[i].number
    guard let line = agentLine(of: number) else {
      append(.agent, "", at: now, turn: number, isFinal: isOver)
      return setSpoken(transcript.count - 1, turns[i].playedMs)
    }
    guard transcript[line].spokenMs != nil else { return }
    if isOver { transcript[line].isFinal = true }
    setSpoken(line, turns[i].playedMs)
  }

  private mutating func setSpoken(_ line: Int, _ ms: Double) {
    let tenths = Int((min(ms, 1e9) / 100).rounded())
    guard transcript[line].spokenMs.map({ Int(($0 / 100).rounded()) }) != tenths else { return }
    transcript[line].spokenMs = ms
    edit(line) { $0.replace("(spoke for \(tenths / 10).\(tenths % 10) s, without text)") }
  }

  /// Marks the turn's answer as cut after what was heard of it so far.
  mutating func markCut(_ i: Int) {
    guard let before = agentLine(of: turns[i].number) else { return }
    endText(of: before)
    guard let line = agentLine(of: turns[i].number) else { return }
    transcript[line].isFinal = true
    guard transcript[line].spokenMs == nil else { return }
    // An answer that had come whole is as long as it is; of one that was still coming, the rate of speech has to tell.
    transcript[line].heardShare =
      turns[i].isSentWhole && turns[i].receivedMs > 0
      ? min(1, turns[i].playedMs / turns[i].receivedMs / transcript[line].keptShare)
      : speechRate.share(of: transcript[line].text.count, in: turns[i].playedMs)
  }

  /// Marks where the connection was lost, and on the same line that it is there again.
  ///
  /// To be called before `link` has taken the change: only a connection that was open can be lost.
  mutating func markBreak(_ change: ConnectionChange, at now: Timestamp) {
    switch change.step {
    case .closed, .failed:
      let wasOpen = link.state == .open || link.state == .ready || link.state == .closing
      guard wasOpen, lostAt == nil, !isQuitting else { return }
      lostAt = now
      let reason = change.reason.flatMap { $0.isEmpty ? nil : $0 } ?? change.code.map { "closed with \($0)" }
      let what = change.by == .client ? "disconnected on purpose" : "connection lost"
      append(.link, what + (reason.map { ": \($0)" } ?? ""), at: now, isFinal: false)
    case .ready, .open:
      guard let lostAt, change.state == .ready || !reader.card.needsReady else { return }
      self.lostAt = nil
      guard let line = transcript.lastIndex(where: { $0.speaker == .link }) else { return }
      let seconds = Int(((now - lostAt).milliseconds / 100).rounded())
      var resumed = ""
      if case .ready(_, let isResumed?) = change.step {
        resumed = isResumed ? ", conversation resumed" : ", a new conversation"
      }
      transcript[line].isFinal = true
      edit(line) { $0.add(" – back after \(seconds / 10).\(seconds % 10) s\(resumed)") }
    default: break
    }
  }

  /// Thousands of lines are not looked through for the one that a new turn has not got.
  func userLine(of i: Int) -> Int? {
    guard turns[i].hasUserLine else { return nil }
    let number = turns[i].number
    return transcript.lastIndex { $0.speaker == .user && $0.turn == number }
  }

  private func agentLine(of number: Int) -> Int? {
    guard let turn = turns.last(where: { $0.number == number }), turn.hasAgentLine else { return nil }
    return transcript.lastIndex { $0.speaker == .agent && $0.turn == number }
  }
}

/// The text of the answer that is coming, as it is spoken.
struct AnswerText: Sendable {
  var turn = -1
  var delta = DeltaText()
  private var endsInSpace = true
  private var endsInMark = false

  init(turn: Int = -1) { self.turn = turn }

  /// What a piece adds. `•` is left out, with which some servers mark where synthesis may begin: nobody speaks it.
  mutating func spoken(_ piece: String) -> String {
    let text = delta.add(piece)
    guard !text.isEmpty else { return "" }
    guard text.contains("•") || endsInMark else {
      if let last = text.last { endsInSpace = last.isWhitespace }
      return text
    }
    var result = ""
    for (i, part) in text.split(separator: "•", omittingEmptySubsequences: false).enumerated() {
      // Of the spaces on both sides of a mark one is left.
      let kept =
        (i > 0 || endsInMark) && (result.last?.isWhitespace ?? endsInSpace) ? part.drop(while: \.isWhitespace) : part
      result += kept
    }
    if let last = result.last { endsInSpace = last.isWhitespace }
    endsInMark = text.last == "•" || endsInMark && result.isEmpty
    return result
  }
}
