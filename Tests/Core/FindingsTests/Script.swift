import Findings
import TestKit
import Timeline
import Wire

/// A timeline written by hand, in milliseconds, before the linter.
struct Script {
  private(set) var linter: FindingsLinter
  private(set) var nextIndex = 0
  private let dialect: any Dialect

  init(dialect: any Dialect = VoiceDialect(), silenced: Set<String> = []) {
    self.dialect = dialect
    linter = FindingsLinter(dialect: dialect, silenced: silenced)
  }

  /// How often a rule has fired.
  func count(_ rule: String) -> Int { linter.findings.first { $0.rule.id == rule }?.count ?? 0 }
  /// The entries that its last occurrence shows.
  func evidence(_ rule: String) -> [Int] {
    linter.findings.first { $0.rule.id == rule }?.occurrences.last?.entries ?? []
  }
  func detail(_ rule: String) -> String {
    linter.findings.first { $0.rule.id == rule }?.occurrences.last?.detail ?? ""
  }

  @discardableResult
  mutating func at(_ ms: Double, _ event: Entry.Event) -> Int {
    defer { nextIndex += 1 }
    linter.observe(Entry(index: nextIndex, at: Timestamp(milliseconds: ms), event: event))
    return nextIndex
  }
  @discardableResult
  mutating func received(_ ms: Double, _ event: VoiceEvent) -> Int { message(ms, .toClient, event) }
  @discardableResult
  mutating func sent(_ ms: Double, _ event: VoiceEvent, waitedMs: Double? = nil) -> Int {
    message(ms, .toServer, event, waitedMs)
  }
  @discardableResult
  mutating func binary(_ ms: Double, _ way: Way, _ bytes: [UInt8]) -> Int {
    at(
      ms, .message(Message(link: LinkID(1), way: way, kind: .binary, payload: bytes)))
  }
  private mutating func message(
    _ ms: Double, _ way: Way, _ event: VoiceEvent, _ waitedMs: Double? = nil
  ) -> Int {
    let frame = dialect.encode(event, from: way == .toServer ? .client : .server)!
    return at(
      ms,
      .message(
        Message(
          link: LinkID(1), way: way, kind: frame.isText ? .text : .binary,
          payload: frame.payload, waitedMs: waitedMs)))
  }
  /// 20 ms of quiet samples at 16 kHz.
  static let audio = AudioPayload(bytes: [UInt8](repeating: 1, count: 640))

  @discardableResult
  mutating func connection(_ ms: Double, _ state: ConnectionChange.State, code: Int? = nil, by: Closer? = nil) -> Int {
    at(ms, .connection(ConnectionChange(LinkID(1), .to(state, code: code, by: by))))
  }
  @discardableResult
  mutating func started(_ url: String, sendsCredential: Bool? = nil, input: String = "mic") -> Int {
    at(
      0,
      .sessionStarted(
        SessionStarted(
          version: "1", wallClockMilliseconds: 0, url: url, dialect: "voice", inputRate: 16_000, input: input,
          output: "null", sendsCredential: sendsCredential)))
  }
  @discardableResult
  mutating func mic(
    _ ms: Double, rmsDB: Double = -60, isSpeech: Bool = false, peaks: [Peak] = [], clipped: Int = 0,
    fate: MicFrame.Fate = .sent
  ) -> Int {
    at(
      ms,
      .micFrame(
        MicFrame(
          sampleCount: 320, rate: 16_000, rmsDB: rmsDB, peakDB: rmsDB, peaks: peaks, fate: fate, vadLevelDB: rmsDB,
          vadThresholdDB: -45, isSpeech: isSpeech, clipped: clipped)))
  }
}
