import SpeechServices

// What the facts about a service that hears mean. Pure.

extension DoctorReport.Group {
  /// Where it does not hear, this machine does: a session can do without it. Only a key that it needs must be there,
  /// because the program does not begin otherwise.
  static func recognition(
    _ question: DoctorReport.ServiceQuestion<RecognitionServiceCard>, answer: RecognitionServiceCheck.Answer
  ) -> DoctorReport.Group {
    let (card, address) = (question.card, question.address)
    var rows: [DoctorReport.Row] = []
    switch answer {
    case .here: rows.append(.init(.here, "address", "\(address) answers; no audio was sent, so nothing is to be paid"))
    case .refusesKey(let why):
      let remedy =
        question.key.map { "put the right key into \($0.variable)" }
        ?? "name the variable that holds its key by --stt-key-env"
      rows.append(.init(.absent, "address", "\(address): \(why)", remedy: remedy))
    case .fails(let why):
      let start = card.startCommand.map { "start it with `\($0)`, or " } ?? ""
      rows.append(
        .init(
          .absent, "address", "\(address): \(why)",
          remedy: "\(start)give its address as --stt-url; until then this machine's recognizer hears"))
    }
    if let row = question.keyRow(isNeeded: card.needsKey) { rows.append(row) }
    return .init("Speech recognition: \(card.title)", rows)
  }
}
