import SpeechServices

// What the facts about a service that speaks mean. Pure.

extension DoctorReport {
  typealias VoiceQuestion = ServiceQuestion<VoiceServiceCard>
}

extension DoctorReport.Group {
  /// Where it does not speak, a voice of this machine does: a session can do without it. Only a key that it needs must be
  /// there, because the program does not begin otherwise.
  /// - Parameter voice: that was asked for; empty: the service's own choice.
  static func voiceService(
    _ question: DoctorReport.VoiceQuestion, voice: String, answer: VoiceServiceCheck.Answer
  ) -> DoctorReport.Group {
    let place = question.address
    var rows: [DoctorReport.Row] = []
    switch answer {
    case .nothing(let why):
      let start = question.card.startCommand.map { "start it with `\($0)`, or " } ?? ""
      rows.append(.init(.absent, "address", "\(place): \(why)", remedy: "\(start)give its address as --tts-url"))
    case .status(let code, let said) where code == 401 || code == 403:
      let remedy = question.key.map { "put the right key into \($0.variable)" } ?? "name its variable by --tts-key-env"
      let words = said.map { ": \($0)" } ?? ""
      rows.append(.init(.absent, "address", "\(place): it wants a key (HTTP \(code))\(words)", remedy: remedy))
    case .status(let code, let said):
      let words = said.map { ": \($0)" } ?? ""
      rows.append(
        .init(.here, "address", "\(place) answers, but does not say what it has (HTTP \(code))\(words)"))
    case .lists, .noVoice: rows.append(.init(.here, "address", "\(place) answers"))
    }
    rows += self.voice(voice, answer)
    if let row = model(question.model ?? question.card.usualModel, answer) { rows.append(row) }
    if let row = question.keyRow(isNeeded: question.card.needsKey) { rows.append(row) }
    return .init("Voice: \(question.card.title)", rows)
  }

  private static func voice(_ name: String, _ answer: VoiceServiceCheck.Answer) -> [DoctorReport.Row] {
    switch answer {
    case .noVoice:
      return [.init(.absent, "voice", "it has no voice \(name)", remedy: "name another one by --tts-voice")]
    case .lists(let list):
      let remark = list.remark.map { ", \($0)" } ?? ""
      guard let voices = list.voices, !name.isEmpty, !voices.contains(name) else {
        let known = name.isEmpty ? list.voices.map(few) ?? "its own choice" : name
        return [.init(.here, "voice", known + remark)]
      }
      return [
        .init(
          .absent, "voice", "\(name) is not in its list: \(few(voices))", remedy: "name another one by --tts-voice")
      ]
    case .status, .nothing: return name.isEmpty ? [] : [.init(.here, "voice", "\(name), not looked up")]
    }
  }

  private static func model(_ name: String?, _ answer: VoiceServiceCheck.Answer) -> DoctorReport.Row? {
    guard let name else { return nil }
    guard case .lists(let list) = answer, let models = list.models else {
      return .init(.here, "model", "\(name), not looked up")
    }
    if models.contains(name) { return .init(.here, "model", name) }
    // Such lists are not always whole.
    return .init(.absent, "model", "\(name) is not in its list: \(few(models))", remedy: "check the name")
  }

  private static func few(_ names: [String]) -> String {
    names.isEmpty ? "it is empty" : names.prefix(5).joined(separator: ", ")
  }
}
