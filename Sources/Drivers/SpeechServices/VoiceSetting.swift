/// A setting of a service that speaks, by the name that its API has for it.
public struct VoiceSetting: Sendable {
  /// What may be given.
  enum Values: Sendable {
    case number(ClosedRange<Double>)
    case truth
    case words([String])
    /// Of so many characters at most.
    case text(Int)
  }
  let name: String
  let values: Values

  init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }

  /// In words, as in "0…1" or "pcm_16000, mp3_44100_128".
  var allowed: String {
    switch values {
    case .number(let range): "\(Self.text(range.lowerBound))…\(Self.text(range.upperBound))"
    case .truth: "true or false"
    case .words(let words): words.joined(separator: ", ")
    case .text(let count): "a text of at most \(count) characters"
    }
  }

  func value(_ text: String) -> VoiceSettingValue? {
    switch values {
    case .number(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .truth: Bool(text).map { .truth($0) }
    case .words(let words): words.contains(text) ? .text(text) : nil
    case .text(let count): text.isEmpty || text.count > count ? nil : .text(text)
    }
  }

  private static func text(_ number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }
}

/// What a setting is set to.
public enum VoiceSettingValue: Sendable, Hashable, Encodable {
  case number(Double)
  case truth(Bool)
  case text(String)

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .truth(let truth): try container.encode(truth)
    case .text(let text): try container.encode(text)
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
}

extension VoiceServiceEndpoint {
  /// Sets what the service lets be set.
  /// - Parameter wanted: by the API's names.
  /// - Throws: `VoiceRequestFault` at the first that there is not, or whose value it does not take.
  public mutating func set(_ wanted: [String: String]) throws(VoiceRequestFault) {
    for (name, text) in wanted.sorted(by: { $0.key < $1.key }) {
      guard let setting = card.settings.first(where: { $0.name == name }) else {
        let known = card.settings.map(\.name).joined(separator: ", ")
        throw VoiceRequestFault(
          description: "\(card.title) has no setting \(name)" + (known.isEmpty ? "" : "; it has \(known)"))
      }
      guard let value = setting.value(text) else {
        throw VoiceRequestFault(description: "\(name): \"\(text.prefix(60))\" is not one of: \(setting.allowed)")
      }
      settings[name] = value
    }
  }
}
