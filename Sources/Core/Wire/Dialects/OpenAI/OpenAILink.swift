import Timeline

/// What the messages of one link have shown so far. Every table is bounded.
struct OpenAILink: Sendable {
  /// A response that was begun and not ended.
  struct Response: Sendable, Equatable {
    var id: String
    /// The item that is being said, and its place in the output.
    var item: String?
    var outputIndex = 0
    /// The kind of the part that is being said: `audio` or `text`.
    var part: String?
    /// The words of that part so far.
    var words = ""
    /// The items that are done.
    var output: [JSONValue] = []
    var isCancelAsked = false
    /// How its audio travels, if otherwise than the session's.
    var form: WireAudioForm?
    var modalities: [String]
    var metadata: JSONValue = .null
  }

  /// An item of the conversation.
  struct Item: Sendable, Equatable {
    var id: String
    /// The response that it belongs to.
    var response: String?
    /// The item as it was last said, unless it is too large to be kept.
    var json: JSONValue?
    /// Audio that came of it.
    var receivedMs = 0.0
  }

  /// A message of the client that the server answers without being asked to.
  enum Debt: Sendable, Equatable {
    case message(type: String, fields: [String: JSONValue])
    /// The user's audio becomes an item.
    case commit
    /// An item becomes part of the conversation; it may have no name yet.
    case item([String: JSONValue])
    case error(code: String, message: String, param: String?, eventID: String?)
  }

  private static let responseCapacity = 8
  private static let itemCapacity = 64
  private static let nameCapacity = 64
  static let textCapacity = 65_536
  private static let keptItemCapacity = 16_384

  /// The settings in force, and what the client has asked for since.
  var settings = OpenAISettings()
  var asked: JSONValue?
  var sessionID: String?

  // The user's audio.
  /// Since the link was opened, by its samples.
  var heardMs = 0.0
  /// Since the last commit.
  var uncommittedMs = 0.0
  /// What the client's own commit holds that the server has not confirmed.
  var commitMs: Double?
  /// The item that the user is saying.
  var speechItem: String?
  /// The same, once the client itself has committed it, until the end of the speech was told.
  var committedSpeech: String?
  /// Items whose words are not known yet, and how long they are.
  var awaited: [(id: String, ms: Double)] = []
  /// Words of such items so far.
  private(set) var interims: [(id: String, text: String)] = []

  // The conversation.
  var lastItem: String?
  private(set) var items: [Item] = []
  private(set) var responses: [Response] = []
  /// The names of responses that have ended.
  private(set) var ended: [String] = []
  /// The settings of the response that the client has asked for.
  var request: JSONValue?
  /// Typed words that no response was asked for yet.
  private(set) var typed: [String] = []
  /// Tool calls without a result, and all that were told, by the calls' names.
  private(set) var openCalls: [String] = []
  private var knownCalls: [String] = []
  /// Tools' names by their calls, until the arguments are there.
  private var toolNames: [(call: String, name: String)] = []

  /// Messages of the client that have a name, and their types.
  private var clientEvents: [(id: String, type: String)] = []
  var lastClientEvent: String?
  var debts: [Debt] = []

  /// The response in progress.
  var active: Response? { responses.last }
  var hasHadResponse: Bool { !ended.isEmpty || !responses.isEmpty }

  private static func keep<T>(_ value: T, in list: inout [T], atMost capacity: Int) {
    list.append(value)
    if list.count > capacity { list.removeFirst(list.count - capacity) }
  }

  // MARK: Responses

  mutating func begin(_ response: Response) {
    responses.removeAll { $0.id == response.id }
    Self.keep(response, in: &responses, atMost: Self.responseCapacity)
  }

  /// - Parameter id: nil: the one in progress.
  mutating func change(response id: String?, _ change: (inout Response) -> Void) {
    guard let i = id.map({ id in responses.lastIndex { $0.id == id } }) ?? responses.indices.last else { return }
    change(&responses[i])
  }

  func response(_ id: String?) -> Response? { id.flatMap { id in responses.last { $0.id == id } } }

  @discardableResult
  mutating func end(response id: String?) -> Response? {
    guard let i = id.map({ id in responses.lastIndex { $0.id == id } }) ?? responses.indices.last else {
      if let id, !ended.contains(id) { Self.keep(id, in: &ended, atMost: Self.nameCapacity) }
      return nil
    }
    let response = responses.remove(at: i)
    Self.keep(response.id, in: &ended, atMost: Self.nameCapacity)
    return response
  }

  // MARK: Items

  func item(_ id: String?) -> Item? { id.flatMap { id in items.last { $0.id == id } } }

  /// - Parameter json: as it is said now; nil: what is known of it stays.
  mutating func know(item id: String, of response: String? = nil, _ json: JSONValue? = nil) {
    let kept = json.flatMap { $0.jsonText.utf8.count <= Self.keptItemCapacity ? $0 : nil }
    guard let i = items.lastIndex(where: { $0.id == id }) else {
      return Self.keep(Item(id: id, response: response, json: kept), in: &items, atMost: Self.itemCapacity)
    }
    items[i].response = items[i].response ?? response
    if json != nil { items[i].json = kept }
  }

  mutating func audioReceived(item id: String, of response: String?, ms: Double) {
    if items.last?.id != id, item(id) == nil { know(item: id, of: response) }
    guard let i = items.lastIndex(where: { $0.id == id }) else { return }
    items[i].receivedMs += ms
    items[i].response = items[i].response ?? response
  }

  mutating func forget(item id: String) { items.removeAll { $0.id == id } }

  // MARK: The user's words

  func interim(of id: String) -> String { interims.last { $0.id == id }?.text ?? "" }

  /// - Returns: the words so far.
  mutating func heard(_ delta: String, of id: String) -> String {
    let text = String((interim(of: id) + delta).prefix(Self.textCapacity))
    interims.removeAll { $0.id == id }
    Self.keep((id, text), in: &interims, atMost: 8)
    return text
  }

  mutating func understood(_ id: String) {
    interims.removeAll { $0.id == id }
    awaited.removeAll { $0.id == id }
  }

  mutating func committed(_ id: String) {
    let ms = commitMs ?? uncommittedMs
    if commitMs == nil { uncommittedMs = 0 } else if speechItem == id { committedSpeech = id }
    (commitMs, speechItem) = (nil, nil)
    // Without transcription no words of it will come.
    if settings.transcribes { Self.keep((id, ms), in: &awaited, atMost: 16) }
    know(item: id)
  }

  mutating func typed(_ text: String) {
    guard typed.count < 16 else { return }
    typed.append(String(text.prefix(Self.textCapacity)))
  }

  mutating func takeTyped() -> String? {
    defer { typed = [] }
    return typed.isEmpty ? nil : typed.joined(separator: "\n")
  }

  // MARK: Tools

  mutating func name(_ tool: String, of call: String) {
    Self.keep((call, tool), in: &toolNames, atMost: 16)
  }
  func tool(of call: String) -> String? { toolNames.last { $0.call == call }?.name }

  /// - Returns: whether the call is new: servers tell of each three times.
  mutating func called(_ call: String) -> Bool {
    guard !knownCalls.contains(call) else { return false }
    Self.keep(call, in: &knownCalls, atMost: Self.nameCapacity)
    Self.keep(call, in: &openCalls, atMost: Self.nameCapacity)
    return true
  }
  mutating func answered(_ call: String) { openCalls.removeAll { $0 == call } }

  // MARK: Messages

  mutating func sawClientEvent(_ id: String?, _ type: String) {
    lastClientEvent = id
    if let id { Self.keep((id, type), in: &clientEvents, atMost: 32) }
  }
  /// The type of the client's message of that name.
  func clientEventType(_ id: String) -> String? { clientEvents.last { $0.id == id }?.type }

  mutating func owe(_ debt: Debt) { Self.keep(debt, in: &debts, atMost: 32) }
}
