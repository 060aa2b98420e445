/// What secrets look like, whatever they are called: the beginnings that vendors give their keys, and the forms of tokens
/// and of private keys.
struct SecretShapes: Sendable {
  /// Which bytes go on after the beginning.
  enum Alphabet: Sendable {
    /// Letters, digits, `_` and `-`.
    case word
    /// Letters and digits.
    case alphanumeric
    /// Capitals and digits.
    case capitals
    /// As `word`, and `.`, `/`, `+`, `=`, `~`.
    case token
  }

  /// A beginning, and how much follows.
  struct Shape: Sendable {
    let prefix: [UInt8]
    let length: ClosedRange<Int>
    let alphabet: Alphabet
    init(_ prefix: String, _ length: ClosedRange<Int>, _ alphabet: Alphabet = .word) {
      self.prefix = Array(prefix.utf8)
      self.length = length
      self.alphabet = alphabet
    }
  }

  /// The prefixes are what the vendors document, or what secret scanners look for; the shortest lengths keep names of
  /// languages (`sk-SK`) and of packages (`sk-learn`) apart from keys.
  static let table: [Shape] = [
    // OpenAI and those that copied it (`sk-`, `sk-proj-`, `sk-ant-`), ephemeral keys, sessions.
    Shape("sk-", 12...512), Shape("ek_", 8...512), Shape("ek-", 16...512), Shape("sess-", 20...512),
    // Stripe's pattern, which ElevenLabs and Cartesia (`sk_car_`) took over.
    Shape("sk_", 12...512), Shape("pk_", 12...512), Shape("rk_", 12...512), Shape("whsec_", 12...512, .token),
    Shape("gsk_", 12...512), Shape("hf_", 16...512), Shape("r8_", 16...512), Shape("dg_", 12...512),
    Shape("xai-", 16...512), Shape("pplx-", 16...512), Shape("csk-", 16...512), Shape("nvapi-", 16...512),
    Shape("fw_", 16...512), Shape("tgp_", 16...512), Shape("key_", 20...64, .alphanumeric),
    Shape("key-", 24...64, .alphanumeric),
    // GitHub, GitLab, npm, PyPI.
    Shape("ghp_", 12...512), Shape("gho_", 12...512), Shape("ghu_", 12...512), Shape("ghs_", 12...512),
    Shape("ghr_", 12...512), Shape("github_pat_", 12...512), Shape("glpat-", 12...512), Shape("npm_", 30...64),
    Shape("pypi-AgE", 16...512),
    // Slack.
    Shape("xoxb-", 8...512), Shape("xoxp-", 8...512), Shape("xoxa-", 8...512), Shape("xoxr-", 8...512),
    Shape("xoxs-", 8...512), Shape("xoxe-", 8...512), Shape("xoxe.", 8...512, .token), Shape("xapp-", 8...512),
    Shape("hooks.slack.com/services/", 8...128, .token),
    // Google.
    Shape("AIza", 35...35), Shape("ya29.", 16...4096, .token), Shape("GOCSPX-", 16...64),
    Shape("AQ.A", 24...256, .token),
    // AWS.
    Shape("AKIA", 16...16, .capitals), Shape("ASIA", 16...16, .capitals),
    // Others.
    Shape("SG.", 32...128, .token), Shape("shpat_", 16...128), Shape("shpss_", 16...128), Shape("dop_v1_", 16...128),
    Shape("lin_api_", 16...128), Shape("sq0atp-", 16...128), Shape("sq0csp-", 16...128), Shape("rzp_live_", 10...64),
    Shape("dapi", 32...40, .alphanumeric), Shape("hvs.", 16...256), Shape("AGE-SECRET-KEY-1", 32...128),
    Shape("ATATT3", 32...512, .token), Shape("figd_", 16...128),
  ]

  /// Ahead of a credential in a header's value, in lower case.
  static let schemes: Set<[UInt8]> = [Array("bearer".utf8), Array("basic".utf8), Array("token".utf8)]

  private static let tokenStart = Array("eyJ".utf8)
  private static let keyStart = Array("-----BEGIN".utf8)

  private static let byFirst: [[Shape]] = (0..<256).map { first in table.filter { Int($0.prefix[0]) == first } }

  /// Runs of characters of base64 that are longer are audio or pictures.
  private static let longestRun = 512

  let bytes: [UInt8]
  private let classes = ByteClass.table
  private(set) var found: [Range<Int>] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Looks at all of it.
  mutating func search() {
    let shapes = Self.byFirst
    var next = 0
    for run in runs() where run.upperBound > next {
      var place = max(run.lowerBound, next)
      while place < run.upperBound {
        // What goes on after `_` or `-` is the rest of a word.
        let begins = place == run.lowerBound || !classes[Int(bytes[place - 1])].isPart
        if begins, let end = match(at: place, runEnd: run.upperBound, shapes[Int(bytes[place])]) {
          place = end
          next = max(next, end)
        } else {
          place += 1
        }
      }
    }
  }

  /// The runs that may hold a key. Nearly all bytes of a message of audio are in one that may not: this loop is what such a
  /// message costs.
  private func runs() -> [Range<Int>] {
    var runs: [Range<Int>] = []
    bytes.withUnsafeBufferPointer { bytes in
      classes.withUnsafeBufferPointer { classes in
        var start = 0
        for i in 0...bytes.count {
          if i < bytes.count, classes[Int(bytes[i])].contains(.run) { continue }
          if i > start, i - start <= Self.longestRun { runs.append(start..<i) }
          start = i + 1
        }
      }
    }
    return runs
  }

  /// - Returns: the end of what was found.
  private mutating func match(at place: Int, runEnd: Int, _ shapes: [Shape]) -> Int? {
    for shape in shapes where begins(with: shape.prefix, at: place) {
      let start = place + shape.prefix.count
      let end = self.end(of: shape.alphabet, from: start, limit: shape.length.upperBound)
      let continues = end < bytes.count && classes[Int(bytes[end])].contains(.word)
      guard end - start >= shape.length.lowerBound, !continues, shape.alphabet == .capitals || isMixed(start..<end)
      else { continue }
      found.append(place..<end)
      return end
    }
    switch bytes[place] {
    case UInt8(ascii: "e"): return jsonWebToken(at: place)
    case UInt8(ascii: "-"): return privateKey(at: place, runEnd: runEnd)
    case UInt8(ascii: "B"), UInt8(ascii: "b"), UInt8(ascii: "T"), UInt8(ascii: "t"):
      return credential(after: place, runEnd: runEnd)
    default: return nil
    }
  }

  /// RFC 7519: base64url of a JSON object, a point, and more of it.
  private mutating func jsonWebToken(at place: Int) -> Int? {
    guard begins(with: Self.tokenStart, at: place) else { return nil }
    let head = end(of: .word, from: place, limit: 8192)
    guard head - place >= 10, head < bytes.count, bytes[head] == UInt8(ascii: ".") else { return nil }
    var end = head
    while end < bytes.count, bytes[end] == UInt8(ascii: "."), end - place < 16_384 {
      let next = self.end(of: .word, from: end + 1, limit: 16_384)
      if next == end + 1, end > head { break }
      end = next
    }
    guard end - head > 4 else { return nil }
    found.append(place..<end)
    return end
  }

  /// The body of a PEM block of a private key, to its end line or to the end of the text.
  private mutating func privateKey(at place: Int, runEnd: Int) -> Int? {
    guard begins(with: Self.keyStart, at: place) else { return nil }
    let label = bytes[min(runEnd, bytes.count)..<min(runEnd + 48, bytes.count)]
    guard let mark = firstRange(of: Array("PRIVATE KEY".utf8), in: label) else { return nil }
    let start = end(where: { $0 == UInt8(ascii: "-") }, from: mark.upperBound)
    let closing = firstRange(of: Array("-----END".utf8), in: bytes[start...])
    let end = closing?.lowerBound ?? bytes[start...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count
    if end > start { found.append(start..<end) }
    return end
  }

  /// `Bearer …`, `Basic …`, `Token …`, where what follows looks like one.
  private mutating func credential(after place: Int, runEnd: Int) -> Int? {
    guard (5...6).contains(runEnd - place) else { return nil }
    let scheme = bytes[place..<runEnd].map { $0 | 0x20 }
    guard Self.schemes.contains(scheme) else { return nil }
    let start = end(where: { $0 == 0x20 }, from: runEnd)
    let end = end(of: .token, from: start, limit: 16_384)
    let isToken = scheme[0] == UInt8(ascii: "t")
    guard start > runEnd, SecretValue(bytes[start..<end]).looksLikeCredential(least: isToken ? 16 : 8) else {
      return nil
    }
    found.append(start..<end)
    return end
  }

  // MARK: Bytes

  private func begins(with prefix: [UInt8], at place: Int) -> Bool {
    guard place + prefix.count <= bytes.count else { return false }
    for (i, byte) in prefix.enumerated() where bytes[place + i] != byte { return false }
    return true
  }

  /// Some part between `_`, `-` and points has letters and digits, or capitals among small letters, as what is made at
  /// random has, and `pk_customer_id_2` has not.
  private func isMixed(_ range: Range<Int>) -> Bool {
    var (digits, lowers, inner, count) = (0, 0, 0, 0)
    for i in range.lowerBound...range.upperBound {
      let byte = i < range.upperBound ? bytes[i] : UInt8(ascii: "-")
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x41...0x5A: inner += count > 0 ? 1 : 0
      case 0x61...0x7A: lowers += 1
      default:
        let letters = count - digits
        if count >= 6, digits > 0 && letters > 0 || inner > 0 && lowers > 0 { return true }
        (digits, lowers, inner, count) = (0, 0, 0, -1)
      }
      count += 1
    }
    return false
  }

  private func end(of alphabet: Alphabet, from start: Int, limit: Int) -> Int {
    var end = start
    let last = min(bytes.count, start + limit + 1)
    while end < last {
      let kind = classes[Int(bytes[end])]
      let fits =
        switch alphabet {
        case .word: kind.contains(.word) || kind.contains(.joint)
        case .alphanumeric: kind.contains(.word)
        case .capitals: kind.contains(.word) && !(0x61...0x7A).contains(bytes[end])
        case .token: kind.contains(.token)
        }
      guard fits else { break }
      end += 1
    }
    // A point or a stop at the end is the sentence's.
    while alphabet == .token, end > start, bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
    return end
  }

  private func end(where fits: (UInt8) -> Bool, from start: Int) -> Int {
    var end = start
    while end < bytes.count, fits(bytes[end]) { end += 1 }
    return end
  }
}

/// What a byte can be part of.
struct ByteClass: OptionSet, Sendable {
  let rawValue: UInt8
  /// Letters and digits.
  static let word = ByteClass(rawValue: 1)
  /// `_` and `-`.
  static let joint = ByteClass(rawValue: 2)
  /// A run of base64 in either dress.
  static let run = ByteClass(rawValue: 4)
  /// A token of RFC 7235 (token68).
  static let token = ByteClass(rawValue: 8)

  /// Of a word that `_` and `-` may join.
  var isPart: Bool { rawValue & 3 != 0 }

  static let table: [ByteClass] = (0..<256).map { value in
    let byte = UInt8(value)
    let isWord = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    var kind: ByteClass = isWord ? [.word, .run, .token] : []
    if "_-".utf8.contains(byte) { kind = [.joint, .run, .token] }
    if "+/".utf8.contains(byte) { kind = [.run, .token] }
    if "=.~".utf8.contains(byte) { kind = .token }
    return kind
  }
}

/// The index of the first byte from a place on that is neither a space nor a control character of layout; the end where
/// there is none.
func indexBehindSpace(in bytes: [UInt8], from start: Int) -> Int {
  var i = start
  while i < bytes.count, bytes[i] == 0x20 || (0x09...0x0D).contains(bytes[i]) { i += 1 }
  return i
}

/// Where a sequence first stands in a slice.
func firstRange(of needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
  guard let first = needle.first else { return nil }
  var i = bytes.startIndex
  while i + needle.count <= bytes.endIndex, let start = bytes[i...].firstIndex(of: first) {
    guard start + needle.count <= bytes.endIndex else { return nil }
    if bytes[start..<start + needle.count].elementsEqual(needle) { return start..<start + needle.count }
    i = start + 1
  }
  return nil
}

/// A value that may be a secret.
struct SecretValue {
  let bytes: ArraySlice<UInt8>
  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Without a space, long enough, and with letters and digits mixed as in what is made at random; not a path, a date or a
  /// word with a number behind it.
  func looksLikeCredential(least: Int) -> Bool {
    guard bytes.count >= least else { return false }
    var (digits, uppers, lowers, others, inner) = (0, 0, 0, 0, false)
    for (i, byte) in bytes.enumerated() {
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x41...0x5A:
        uppers += 1
        if i > 0 { inner = true }
      case 0x61...0x7A: lowers += 1
      case 0x21...0x7E where byte != 0x22 && byte != 0x5C: others += 1
      default: return false
      }
    }
    guard uppers + lowers > 0 else { return digits >= 16 && others == 0 }
    if isPath || isNumberedWord { return false }
    if digits > 0 { return true }
    // Words of a language have capitals in front only, and at most some 20 letters.
    return (inner && lowers > 0 && bytes.count >= max(least, 12)) || bytes.count >= 24
  }

  /// What stands in instructions for a secret, or stands where one was.
  var isPlaceholder: Bool {
    bytes.count <= 16 && Self.placeholders.contains(String(decoding: bytes, as: UTF8.self))
      || bytes.allSatisfy { $0 == 0x2A || $0 == 0x2E }
  }
  private static let placeholders: Set<String> = [
    "", "…", "•••", "TOKEN", "KEY", "SECRET", "PASSWORD", "API_KEY", "YOUR_API_KEY", "YOUR_TOKEN", "VALUE", "[key]",
  ]

  private var isPath: Bool {
    bytes.contains(UInt8(ascii: "/")) && bytes.contains(UInt8(ascii: ".")) && !bytes.contains(UInt8(ascii: "="))
  }

  /// As `COVID-19`: letters, a hyphen, a few digits.
  private var isNumberedWord: Bool {
    guard bytes.count < 16, let hyphen = bytes.firstIndex(of: UInt8(ascii: "-")) else { return false }
    let tail = bytes[(hyphen + 1)...]
    return (1...4).contains(tail.count) && tail.allSatisfy { (0x30...0x39).contains($0) }
      && bytes[..<hyphen].allSatisfy { (0x61...0x7A).contains($0 | 0x20) }
  }
}
