// The one place that knows the names of audio formats: those of vendors' APIs (`pcm_24000`, `mp3_44100_128`, `linear16`,
// `ulaw_8000`, `g711_alaw`, `riff-16khz-16bit-mono-pcm`), of FFmpeg (`pcm_f32le`, `s16be`), of RTP (`PCMU`, `L16`), and MIME
// types with their parameters (`audio/pcm;rate=24000`, `audio/L16;rate=8000;channels=2`, `audio/webm;codecs=opus`).
extension AudioFormat {
  /// What a message declares, read leniently, whatever its case.
  public enum Declared: Sendable, Equatable {
    case format(AudioFormat, rate: Int?)
    /// A format that is known by name and cannot be played.
    case unsupported(String)
    /// Nothing was declared, or a name that means nothing here.
    case unknown
  }

  /// Reads a declaration. Of longer ones than 256 bytes the rest is not read.
  public static func declared(_ text: String?) -> Declared {
    guard let text else { return .unknown }
    let name = FormatName(text)
    if name.has(Self.webmNames) {
      if let codec = name.first(of: Self.unplayableCodecs) { return .unsupported("webm-\(codec)") }
      return name.has(["pcm"]) ? .unsupported("webm-pcm") : .format(.webm, rate: name.rate)
    }
    if let unsupported = name.first(of: Self.unplayableContainers) { return .unsupported(unsupported) }
    if name.has(Self.oggNames) {
      if let codec = name.first(of: ["vorbis", "flac", "speex"]) { return .unsupported("ogg-\(codec)") }
      return .format(.oggOpus, rate: name.rate)
    }
    if name.has(Self.wavNames) { return .format(.wav, rate: name.rate) }
    if name.has(Self.mp3Names) { return .format(.mp3, rate: name.rate) }
    if let codec = name.first(of: Self.unplayableCodecs) { return .unsupported(codec) }
    if name.has(Self.opusNames) { return .format(.oggOpus, rate: name.rate) }
    if name.has(Self.mulawNames) { return .format(.mulaw, rate: name.rate) }
    if name.has(Self.alawNames) { return .format(.alaw, rate: name.rate) }
    // Which of the two laws is not said; µ-law is the usual one, and the samples are looked at.
    if name.has(["g711"]) { return .format(.mulaw, rate: name.rate) }
    return raw(name).map { .format($0, rate: name.rate) } ?? .unknown
  }

  /// Interleaved channels that a declaration names (`channels=2`, `2ch`, `stereo`), 1 when it names none.
  public static func channels(declared text: String?) -> Int { text.map { FormatName($0).channels } ?? 1 }

  /// Samples a second that a declaration names, of a format or alone; nil when it names none that is in use.
  public static func rate(declared text: String?) -> Int? { text.flatMap { FormatName($0).rate } }

  /// Whether a text is nothing but the name of a format: each of its words belongs to this table, and a name of a format
  /// is among them. `declared` finds such a name among any other words, too.
  public static func isName(_ text: String) -> Bool {
    guard declared(text) != .unknown, text.utf8.count <= FormatName.readLimit else { return false }
    return FormatName(text).words.allSatisfy { isKnown($0) }
  }

  private static func isKnown(_ word: String) -> Bool {
    if allNames.contains(word) || companions.contains(word) || FormatName.isAmount(word) { return true }
    if word.hasPrefix("slin") || word.hasPrefix("sln") { return word.drop { $0.isLetter }.allSatisfy(\.isNumber) }
    return word.hasSuffix("le") || word.hasSuffix("be") ? rawWords[String(word.dropLast(2))] != nil : false
  }

  private static let oggNames: Set<String> = ["ogg", "oga", "oggopus"]
  private static let webmNames: Set<String> = ["webm", "matroska", "xmatroska", "mkv", "mka"]
  private static let wavNames: Set<String> = ["wav", "wave", "xwav", "riff", "vndwave"]
  private static let mp3Names: Set<String> = ["mp3", "mpeg", "mpga", "mpeg3", "xmpeg", "libmp3lame"]
  private static let opusNames: Set<String> = ["opus", "libopus"]
  private static let mulawNames: Set<String> = [
    "mulaw", "ulaw", "pcmu", "pcmmulaw", "pcmulaw", "g711u", "g711mu", "g711ulaw", "g711mulaw", "basic",
  ]
  private static let alawNames: Set<String> = ["alaw", "pcma", "pcmalaw", "g711a", "g711alaw"]
  private static let allNames = [
    oggNames, webmNames, wavNames, mp3Names, opusNames, mulawNames, alawNames, unplayableContainers,
    unplayableCodecs, rawFamilies, Set(rawWords.keys), ["g711"],
  ].reduce(into: Set()) { $0.formUnion($1) }
  /// Words that stand beside a name and say nothing of the bytes, or what is read with them. Single letters and syllables
  /// are the halves of names that are written in two.
  private static let companions: Set<String> = [
    "audio", "x", "vnd", "codec", "codecs", "format", "encoding", "rate", "samplerate", "sample", "channels", "channel",
    "ch", "mono", "stereo", "bit", "bits", "bitdepth", "bitrate", "width", "hz", "khz", "k", "kbps", "kbit", "le", "be",
    "little", "big", "endian", "littleendian", "bigendian", "unsigned", "signed", "floating", "point", "ieee", "mu",
    "u", "a", "g", "law", "sidetone", "nb", "wb", "true", "layer", "int", "stream", "container", "none", "voice",
  ]

  /// Whether the order of the bytes is said by a name for which two orders are in use: `L16` is big-endian by RFC 2586,
  /// and little-endian on most voice sockets.
  public static func hasOpenByteOrder(declared text: String?) -> Bool {
    text.map { FormatName($0).has(["l16", "l24", "l32"]) } ?? false
  }

  private static let unplayableContainers: Set<String> = [
    "mp4", "m4a", "quicktime", "caf", "aiff", "aif", "3gpp", "3gp", "3gpp2", "asf",
    "wma",
    "m3u8", "hls", "mp2t", "flv",
  ]
  private static let unplayableCodecs: Set<String> = [
    "aac", "aacp", "adts", "mp4a", "latm", "flac", "vorbis", "amr", "amrnb", "amrwb", "speex", "silk", "truesilk",
    "siren",
    "g722", "g7221", "g723", "g726", "g728", "g729", "gsm", "ilbc", "isac", "adpcm", "ac3", "eac3", "alac", "evs",
    "lc3",
    "encodec", "mimi", "wavpack", "mp2", "mpeg4",
  ]

  /// Names of raw samples as one word, without the order of their bytes.
  private static let rawWords: [String: (kind: Character, bits: Int)] = [
    "s16": ("s", 16), "int16": ("s", 16), "i16": ("s", 16), "pcm16": ("s", 16), "pcms16": ("s", 16),
    "linear16": ("s", 16),
    "l16": ("s", 16), "lpcm16": ("s", 16), "pcmint16": ("s", 16), "short": ("s", 16),
    "s24": ("s", 24), "int24": ("s", 24), "i24": ("s", 24), "pcm24": ("s", 24), "pcms24": ("s", 24),
    "linear24": ("s", 24),
    "l24": ("s", 24),
    "s32": ("s", 32), "int32": ("s", 32), "i32": ("s", 32), "pcm32": ("s", 32), "pcms32": ("s", 32),
    "linear32": ("s", 32),
    "l32": ("s", 32),
    "f32": ("f", 32), "float32": ("f", 32), "float": ("f", 32), "pcmf32": ("f", 32), "pcmfloat32": ("f", 32),
    "fp32": ("f", 32), "flt": ("f", 32), "pcm32f": ("f", 32), "pcmfloat": ("f", 32),
    "f64": ("f", 64), "float64": ("f", 64), "double": ("f", 64), "pcmf64": ("f", 64), "dbl": ("f", 64),
    "u8": ("u", 8), "uint8": ("u", 8), "pcmu8": ("u", 8), "pcm8": ("u", 8),
    "s8": ("s", 8), "int8": ("s", 8), "i8": ("s", 8), "pcms8": ("s", 8), "l8": ("u", 8), "linear8": ("s", 8),
  ]
  private static let rawFamilies: Set<String> = [
    "pcm", "lpcm", "linear", "linearpcm", "raw", "xraw", "slin", "sln", "audiopcm", "signed", "integer",
  ]

  private static func raw(_ name: FormatName) -> AudioFormat? {
    var isBigEndian = name.has(["be", "bigendian", "big"])
    var found: (kind: Character, bits: Int)?
    for word in name.words {
      if let match = rawWords[word] {
        found = match
      } else if word.hasSuffix("le") || word.hasSuffix("be"), let match = rawWords[String(word.dropLast(2))] {
        isBigEndian = isBigEndian || word.hasSuffix("be")
        found = match
      } else {
        continue
      }
      break
    }
    if found == nil {
      guard name.has(rawFamilies) || name.words.contains(where: { $0.hasPrefix("slin") }) else { return nil }
      found = (name.has(["unsigned"]) ? "u" : name.has(["floating", "ieee"]) ? "f" : "s", name.bits ?? 16)
      // 8-bit linear samples are unsigned in WAV and nearly everywhere else.
      if found?.bits == 8, !name.has(["signed"]) { found?.kind = "u" }
    }
    guard let found else { return nil }
    return switch (found.kind, found.bits) {
    case ("f", 64): isBigEndian ? .float64BE : .float64
    case ("f", _): isBigEndian ? .float32BE : .float32
    case ("u", 8): .pcm8
    case (_, 8): .pcm8Signed
    case (_, 24): isBigEndian ? .pcm24BE : .pcm24
    case (_, 32): isBigEndian ? .pcm32BE : .pcm32
    default: isBigEndian ? .pcm16BE : .pcm16
    }
  }
}

/// A declaration as words and numbers.
private struct FormatName {
  /// Of a longer text the rest is not read.
  static let readLimit = 256
  /// Letters and digits, lower case.
  private(set) var words: [String] = []
  /// Samples a second.
  private(set) var rate: Int?
  private(set) var channels = 1
  private(set) var bits: Int?

  init(_ text: String) {
    var lower = String(
      text.utf8.prefix(Self.readLimit).map { Character(Unicode.Scalar($0 | ($0 >= 0x41 && $0 <= 0x5A ? 0x20 : 0))) })
    if text.contains(where: { $0 == "µ" || $0 == "μ" }) {
      lower = String(text.prefix(Self.readLimit)).lowercased().replacing("µ", with: "u").replacing("μ", with: "u")
    }
    let split = lower.split { !($0.isLetter || $0.isNumber || $0 == ".") }
      .flatMap { word in word.contains(where: \.isLetter) && !Self.isNumber(word) ? word.split(separator: ".") : [word]
      }
      .flatMap(Self.parted).map(String.init)
    for (i, word) in split.enumerated() {
      // `mu-law`, `A_law`, `amr-nb`, `linear-pcm`, `big-endian`: names that are written in two.
      if let previous = words.last, Self.pairs.contains("\(previous) \(word)") { words[words.count - 1] += word }
      words.append(word)
      read(word, after: i > 0 ? split[i - 1] : nil, before: i + 1 < split.count ? split[i + 1] : nil)
    }
  }

  func has(_ names: Set<String>) -> Bool { words.contains(where: names.contains) }
  func first(of names: Set<String>) -> String? { words.first(where: names.contains) }

  /// A number, with or without a unit: `16000`, `16khz`, `16bit`, `2ch`, `32kbitrate`.
  static func isAmount(_ word: String) -> Bool {
    let unit = word.drop { $0.isNumber || $0 == "." }
    return word.first?.isNumber == true && (unit.isEmpty || units.contains(String(unit)))
  }

  private static let units: Set<String> = [
    "k", "khz", "hz", "bit", "bits", "b", "ch", "channel", "channels", "kbps", "kbit", "kbits", "kbitrate",
  ]

  private static let pairs: Set<String> = [
    "mu law", "u law", "a law", "amr wb", "amr nb", "linear pcm", "big endian", "little endian", "mpeg 3", "g 711",
    "g 722", "g 729", "g 726", "true silk",
  ]

  /// `22.05khz` and `44.1k` keep their point.
  private static func isNumber(_ word: Substring) -> Bool {
    word.first?.isNumber == true && ["k", "khz", "hz"].contains(String(word.drop { $0.isNumber || $0 == "." }))
  }

  /// `pcm16k`, `pcm24000` and `ulaw8khz` are a name and a rate.
  private static func parted(_ word: Substring) -> [Substring] {
    let stem = word.prefix { $0.isLetter }
    let number = word.dropFirst(stem.count)
    let digits = number.prefix { $0.isNumber }
    let isRate =
      digits.count >= 4 && digits.count == number.count || ["k", "khz", "hz"].contains(number.dropFirst(digits.count))
    return stem.isEmpty || digits.isEmpty || !isRate ? [word] : [stem, number]
  }

  private mutating func read(_ word: String, after previous: String?, before next: String?) {
    let digits = word.prefix { $0.isNumber || $0 == "." }
    let unit = word.dropFirst(digits.count)
    if digits.isEmpty {
      switch word {
      case "stereo": channels = 2
      // Asterisk's signed linear: at 8 kHz unless it says more.
      case "slin", "sln": rate = rate ?? 8_000
      default: break
      }
      if word.hasPrefix("slin") || word.hasPrefix("sln"), let kHz = Int(word.drop { $0.isLetter }) {
        rate = rate ?? (kHz == 44 ? 44_100 : kHz * 1_000)
      }
      return
    }
    guard let number = Double(digits), number < 1e9 else { return }
    switch unit {
    case "":
      if previous == "channels" || previous == "ch" || previous == "channel" {
        channels = min(max(Int(number), 1), 64)
      } else if number <= 64, next == "channels" || next == "ch" || next == "channel" {
        channels = min(max(Int(number), 1), 64)
      } else if number <= 64, ["bits", "bitdepth", "width"].contains(previous) || next == "bit" || next == "bits" {
        bits = Int(number)
      } else if number >= 1_000 {
        read(rate: number)
      }
    case "k", "khz": read(rate: number * 1_000)
    case "hz": read(rate: number)
    case "bit", "bits": bits = Int(number)
    case "ch", "channel", "channels": channels = min(max(Int(number), 1), 64)
    default: break
    }
  }

  /// The first number that may be one; `mp3_44100_128` has its bit rate after it.
  private mutating func read(rate number: Double) {
    let whole = Int(number.rounded())
    if rate == nil, Resampler.supportedRates.contains(whole) { rate = whole }
  }
}
