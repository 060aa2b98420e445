import Screen

/// How the capture of the session goes, in numbers: what no entry tells.
public struct CaptureReport: Sendable, Equatable {
  public var path: String
  /// What the file weighs.
  public var byteCount: Int
  /// For how long captures of its folder are kept, and how much of them, in words; nil for a file of a name that the
  /// operator gave.
  public var limits: String?
  public var keptEntries: Int
  public var lostEntries: Int
  /// Samples of both sides; nil where no sound is captured.
  public var keptSamples: Int?
  public var lostSamples: Int
  /// Why it cannot be written now; nil when it can.
  public var fault: String?

  public init(
    path: String, byteCount: Int, limits: String?, keptEntries: Int, lostEntries: Int, keptSamples: Int?,
    lostSamples: Int, fault: String?
  ) {
    self.path = path
    self.byteCount = byteCount
    self.limits = limits
    self.keptEntries = keptEntries
    self.lostEntries = lostEntries
    self.keptSamples = keptSamples
    self.lostSamples = lostSamples
    self.fault = fault
  }

  /// Each fact by its name.
  var facts: [(name: String, text: StyledText)] {
    var kept = "\(Figures.grouped(keptEntries)) entries"
    if let keptSamples { kept += ", \(Figures.grouped(keptSamples)) samples" }
    var facts = [
      ("file", StyledText(path, .text)), ("size", StyledText(Figures.bytes(byteCount), .text)),
      ("kept", StyledText(kept, .text)),
    ]
    if lostEntries > 0 || lostSamples > 0 {
      let lost = "\(Figures.grouped(lostEntries)) entries, \(Figures.grouped(lostSamples)) samples"
      facts.append(("not kept", StyledText(lost, .error, .bold)))
    }
    if let fault { facts.append(("not written", StyledText(fault, .error, .bold))) }
    if let limits { facts.append(("captures stay", StyledText(limits, .text))) }
    return facts
  }

  /// For plain text and for people who listen.
  var lines: [String] {
    facts.map { "capture, \($0.name): \($0.text.plain)" }
  }
}
