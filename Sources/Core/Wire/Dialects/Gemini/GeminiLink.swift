import Timeline

/// What the messages of one link have shown so far. All of it is bounded.
struct GeminiLink: Sendable {
  private static let callCapacity = 32
  private static let textCapacity = 65_536
  private static let turnCapacity = 64

  // The settings.
  private(set) var hasSetup = false
  /// The client asked for the words of either side.
  private(set) var transcribesInput = false
  private(set) var transcribesOutput = false
  /// The answers are texts alone.
  private(set) var answersInText = false
  /// The setup had a handle of an earlier session.
  private(set) var isResuming = false

  // The user.
  /// Audio since the link was opened, by its samples.
  var heardMs = 0.0
  /// What the user has said, as far as it is told, and not in a final text.
  private(set) var words = ""
  /// Typed words of a turn that is not complete.
  private(set) var typed: [String] = []

  // The model.
  /// Something of the answer came, and not yet its end.
  var isGenerating = false
  /// The answer was told to be whole or cut; the turn's end is still to come.
  var isEnded = false
  /// Calls without a result, and their tools' names.
  private(set) var calls: [(id: String, name: String)] = []

  mutating func setUp(_ setup: JSONValue) {
    hasSetup = true
    transcribesInput = setup.member("inputAudioTranscription") != nil
    transcribesOutput = setup.member("outputAudioTranscription") != nil
    let modalities = setup.member("generationConfig")?.member("responseModalities")
    answersInText = modalities?.elements(atMost: 4).first == .string("TEXT")
    isResuming = setup.member("sessionResumption")?.member("handle")?.stringValue?.isEmpty == false
  }

  // MARK: The user's words

  /// - Returns: the words so far.
  mutating func heard(_ delta: String) -> String {
    if words.utf8.count < Self.textCapacity { words += delta }
    return words
  }

  /// The words so far are final; nil where there are none.
  mutating func takeWords() -> String? {
    defer { words = "" }
    return words.isEmpty ? nil : LoneSurrogates.settled(words)
  }

  mutating func typed(_ text: String) {
    guard typed.count < Self.turnCapacity else { return }
    typed.append(String(text.prefix(bytes: Self.textCapacity)))
  }

  mutating func takeTyped() -> String? {
    defer { typed = [] }
    return typed.isEmpty ? nil : typed.joined(separator: "\n")
  }

  // MARK: Tools

  mutating func called(_ id: String, _ name: String) {
    calls.append((id, name))
    calls.removeFirst(max(0, calls.count - Self.callCapacity))
  }
  func tool(of id: String) -> String? { calls.last { $0.id == id }?.name }
  mutating func answered(_ id: String) { calls.removeAll { $0.id == id } }
}
