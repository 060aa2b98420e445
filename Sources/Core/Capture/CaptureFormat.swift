import Timeline

/// The versions of the format of recordings, and how a line of one becomes a line of the next.
///
///     line of version 0 ─► step 0→1 ─► … ─► line of the version that is written ─► EntryLine
///
/// The number is in the first line of a recording, as `capture`; lines without it are of version 0, which had none, unless
/// they have a source, which version 0 had not. When the format changes otherwise than by fields that may be missing, it
/// gets the next number, a step, and a recording in Tests/Fixtures/captures that stays readable for ever.
public enum CaptureFormat {
  /// The version that is written.
  public static let version = steps.count

  /// Makes a line of one version into a line of the next.
  struct Step: Sendable {
    /// - Parameter kind: of the entry, as the older version names it.
    var convert: @Sendable (_ line: inout LineMembers, _ kind: String) -> Void
  }

  /// The step at index n leads from version n to n + 1.
  static let steps: [Step] = [
    // Sources; links; absolute ways; origins; notices with ids.
    Step { line, kind in
      line["src"] = Array((kind == "sessionStarted" || kind == "sessionEnded" ? "0" : "1").utf8)
      switch kind {
      case "message":
        line.rename("connection", to: "link")
        let direction = line.text("direction")
        line.rename("direction", to: "way")
        switch direction {
        case "sent":
          line.set("way", text: "toServer")
          // Who had written it was not recorded.
          line.set("origin", text: "unknown")
        case "received":
          line.set("way", text: "toClient")
          line.set("origin", text: "peer")
        default: break
        }
      case "connection": line.rename("id", to: "link")
      case "roundTrip": line.rename("connection", to: "link")
      case "notice": line.set("id", text: "unnamed")
      default: break
      }
    }
  ]

  /// The version of a line by itself.
  static func version(of line: LineMembers) -> Int {
    if let number = line["capture"].flatMap({ Int(String(decoding: $0, as: UTF8.self)) }), number >= 0 { return number }
    return line["src"] == nil ? 0 : 1
  }

  /// The same line in the version that is written.
  static func converted(_ line: LineMembers, from version: Int) -> LineMembers {
    guard let kind = line.text("event") else { return line }
    var line = line
    for step in steps.dropFirst(version) { step.convert(&line, kind) }
    return line
  }
}

/// Reads the lines of a recording one after the other.
public struct CaptureReader: Sendable {
  /// The version of the lines that come; nil before the first.
  public private(set) var version: Int?

  /// - Parameter version: of the lines that come, where something else than the first line says it.
  public init(version: Int? = nil) { self.version = version }

  /// Reads the next line.
  /// - Throws: `EntryLineError` with what is wrong with it.
  public mutating func read(_ line: some Sequence<UInt8>) throws(EntryLineError) -> Entry {
    guard version == CaptureFormat.version else { return try readOther(Array(line)) }
    let entry = try EntryLine.decodeCurrent(line)
    // Another recording may begin here: files are put together.
    if case .sessionStarted = entry.event { return try readOther(Array(line), isFirst: true) }
    return entry
  }

  private mutating func readOther(_ bytes: [UInt8], isFirst: Bool = false) throws(EntryLineError) -> Entry {
    guard let members = LineMembers(bytes) else { return try EntryLine.decodeCurrent(bytes) }
    if isFirst || version == nil || members["capture"] != nil { version = CaptureFormat.version(of: members) }
    guard let version, version < CaptureFormat.version else { return try EntryLine.decodeCurrent(bytes) }
    let entry = try EntryLine.decodeCurrent(CaptureFormat.converted(members, from: version).line)
    guard case .unknown(var unknown) = entry.event else { return entry }
    unknown.line = bytes
    return Entry(index: entry.index, at: entry.at, source: entry.source, event: .unknown(unknown))
  }
}
