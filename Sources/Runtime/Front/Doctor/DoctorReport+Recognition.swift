import SpeechServices

// What the facts about a service that hears mean. Pure.

extension DoctorReport.Group {
  /// - Parameters:
  ///   - address: where it is asked.
  ///   - key: the environment variable that should hold the key; nil when none was named.
  static func recognition(
    _ card: RecognitionServiceCard, at address: String, key: (variable: String, isSet: Bool)?,
    answer: RecognitionServiceCheck.Answer
  ) -> DoctorReport.Group {
    var rows: [DoctorReport.Row] = []
    switch answer {
    case .here: rows.append(.init(.here, "address", "\(address) answers; no audio was sent, so nothing is to be paid"))
    case .refusesKey(let why):
      let remedy =
        key.map { "put the right key into \($0.variable)" } ?? "name the variable that holds its key by --stt-key-env"
      rows.append(.init(.missing, "address", "\(address): \(why)", remedy: remedy))
    case .fails(let why):
      let start = card.startCommand.map { "start it with `\($0)`, or " } ?? ""
      rows.append(
        .init(
          .missing, "address", "\(address): \(why)",
          remedy: "\(start)give its address as --stt-url; until then this machine's recognizer hears"))
    }
    if let key {
      rows.append(
        key.isSet
          ? .init(.here, "key", "\(key.variable) is set")
          : .init(
            card.needsKey ? .missing : .absent, "key", "\(key.variable) is not set",
            remedy: "export \(key.variable)=…"))
    }
    return .init("Speech recognition: \(card.title)", rows)
  }
}
