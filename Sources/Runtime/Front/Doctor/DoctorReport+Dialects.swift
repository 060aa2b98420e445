import Wire

extension DoctorReport.Group {
  /// The protocols that can be spoken, and the keys that they want.
  /// - Parameter isSet: whether an environment variable holds something.
  static func dialects(_ cards: [DialectCard], isSet: (String) -> Bool) -> DoctorReport.Group {
    .init(
      "Dialects",
      cards.map { card in
        let address = card.defaultURL == nil ? "" : ", with an address of its own"
        guard let variable = card.credentials.first?.environment else {
          return .init(.here, card.name, card.title + address)
        }
        return isSet(variable)
          ? .init(.here, card.name, "\(card.title)\(address); \(variable) is set")
          : .init(
            .absent, card.name, "\(card.title)\(address); \(variable) is not set", remedy: "export \(variable)=…")
      })
  }
}
