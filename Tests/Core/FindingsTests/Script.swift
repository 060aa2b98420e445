import Findings
import TestKit
import Timeline
import Wire

/// A timeline written by hand, before the linter.
typealias Script = TestKit.Script<FindingsLinter>

extension Script {
  var linter: FindingsLinter { reader }

  init(dialect: any Dialect = VoiceDialect(), silenced: Set<String> = []) {
    self.init(FindingsLinter(dialect: dialect, silenced: silenced), dialect: dialect) { $0.observe($1) }
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

  /// 20 ms of quiet samples at 16 kHz.
  static var audio: AudioPayload { AudioPayload(bytes: [UInt8](repeating: 1, count: 640)) }

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
