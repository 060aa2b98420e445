import Timeline
import Wire

/// A timeline written by hand, and what a reader makes of it.
///
/// Times are milliseconds. `at` says when, and what comes next without a time of its own comes at that moment. A test target
/// names its reader once (`typealias Script = TestKit.Script<Insight>`) and adds in an extension what only its tests need.
public struct Script<Reader> {
  /// What the reader has made of the entries so far.
  public var reader: Reader
  public var entries: [Entry] = []
  /// The moment of the next entry.
  public var now = Timestamp.zero
  /// How many audio messages the client has sent, for their numbers.
  public var sentAudioCount = 0
  private let dialect: any Dialect
  private let observe: (inout Reader, Entry) -> Void

  /// - Parameters:
  ///   - reader: sees every entry as it is written.
  ///   - dialect: what `received` and `sent` are said in.
  public init(
    _ reader: Reader, dialect: any Dialect = VoiceDialect(), observe: @escaping (inout Reader, Entry) -> Void
  ) {
    self.reader = reader
    self.dialect = dialect
    self.observe = observe
  }

  /// What comes next comes at this moment.
  public mutating func at(_ ms: Double) { now = Timestamp(milliseconds: ms) }

  /// - Returns: the entry's index.
  @discardableResult
  public mutating func add(_ event: Entry.Event) -> Int {
    let entry = Entry(index: entries.count, at: now, event: event)
    entries.append(entry)
    observe(&reader, entry)
    return entry.index
  }

  /// - Returns: the entry's index.
  @discardableResult
  public mutating func at(_ ms: Double, _ event: Entry.Event) -> Int {
    at(ms)
    return add(event)
  }

  /// The server says something, in the script's dialect.
  /// - Returns: the entry's index.
  @discardableResult
  public mutating func received(_ ms: Double, _ event: VoiceEvent) -> Int { say(ms, .toClient, event) }

  /// The client says something, in the script's dialect.
  /// - Parameter waitedMs: of microphone audio, since its last sample was captured.
  /// - Returns: the entry's index.
  @discardableResult
  public mutating func sent(_ ms: Double, _ event: VoiceEvent, waitedMs: Double? = nil) -> Int {
    say(ms, .toServer, event, waitedMs: waitedMs)
  }

  private mutating func say(_ ms: Double, _ way: Way, _ event: VoiceEvent, waitedMs: Double? = nil) -> Int {
    let message = dialect.encode(event, from: way == .toServer ? .client : .server)!
    at(ms)
    return add(way, message, waitedMs: waitedMs)
  }

  /// - Returns: the entry's index.
  @discardableResult
  public mutating func binary(_ ms: Double, _ way: Way, _ bytes: [UInt8]) -> Int {
    at(ms)
    return binary(way, bytes)
  }

  /// - Returns: the entry's index.
  @discardableResult
  public mutating func binary(_ way: Way, _ bytes: [UInt8]) -> Int { add(way, .binary(bytes)) }

  /// A text as it goes over the wire.
  /// - Returns: the entry's index.
  @discardableResult
  public mutating func message(_ way: Way, _ text: String) -> Int { add(way, .string(text)) }

  private mutating func add(_ way: Way, _ message: WireMessage, waitedMs: Double? = nil) -> Int {
    add(
      .message(
        Message(
          link: LinkID(1), way: way, kind: message.isText ? .text : .binary, payload: message.payload,
          waitedMs: waitedMs)))
  }

  /// 20 ms at 16 kHz are handed to the speaker.
  /// - Parameters:
  ///   - response: whose they are; nil: they are silence.
  ///   - peaks: of a quarter of the block each.
  /// - Returns: the entry's index.
  @discardableResult
  public mutating func playout(
    response: Int?, peaks: [Peak] = [], rmsDB: Double = -20, depthMs: Double = 100, deviceDelayMs: Double
  ) -> Int {
    add(
      .playout(
        PlayoutBlock(
          response: response.map { ResponseID($0) }, sampleCount: 320, rate: 16_000, peaks: peaks, rmsDB: rmsDB,
          depthMs: depthMs, targetMs: 80, deviceDelayMs: deviceDelayMs)))
  }
}

extension Script where Reader == Void {
  /// A timeline that nobody reads while it is written.
  public init() { self.init((), observe: { _, _ in }) }
}
