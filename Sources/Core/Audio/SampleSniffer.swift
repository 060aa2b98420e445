/// Tells by statistics what headerless samples are, where nothing was declared or something else than what comes.
///
/// Sound is predictable from one sample to the next, and bytes that are read in the wrong way are not: read so, they
/// jump over the whole range. So each way of reading the bytes is tried: how much a linear predictor of second order,
/// fitted by least squares, takes away (the prediction gain), and how many bits a byte of it would then need (the
/// entropy of a Gaussian residual, in steps of the code's own resolution). 16-bit samples that are smooth or quiet are
/// never doubted; samples that are rough and loud give way only to a reading that is much better. Floats are told by their
/// exponents besides.
public enum SampleSniffer {
  /// What a stretch of bytes shows.
  public enum Verdict: Sendable, Equatable {
    /// It is of this format, and what follows need not be looked at.
    case certain(AudioFormat)
    /// Too quiet or too ordinary to tell anything; it may be played as what it was taken for.
    case open
    /// Loud and rough, and too short to tell: more bytes are wanted before anybody hears it.
    case needMoreBytes
    /// As random as compressed or encrypted data, and as loud.
    case noise
    /// The characters of a text.
    case text
  }

  /// With so many bytes there is always a verdict: 64 ms of 16-bit samples at 16 kHz.
  public static let enough = 2_048
  /// What is looked at of a longer stretch.
  private static let window = 4_096
  /// With fewer samples nothing is told.
  private static let fewestSamples = 64

  /// - Parameters:
  ///   - bytes: a stretch that begins with a whole sample.
  ///   - expected: what they are taken for.
  ///   - isWhole: no more bytes will come; never `needMoreBytes`.
  public static func judge(
    _ bytes: ArraySlice<UInt8>, as expected: AudioFormat = .pcm16, isWhole: Bool = false
  ) -> Verdict {
    guard let width = expected.sampleByteCount else { return .open }
    // Silence before the sound tells nothing. In steps that keep samples of all widths whole.
    let silence = (bytes.firstIndex { $0 != 0 } ?? bytes.endIndex) - bytes.startIndex
    let all = bytes.dropFirst(silence / 24 * 24)
    let bytes = all.prefix(window)
    guard bytes.contains(where: { $0 != 0 }) else { return .open }
    if isText(bytes) { return .text }
    if let idle = idle(bytes), idle != expected { return .certain(idle) }
    if let stuffed = stuffed(bytes) { return .certain(stuffed) }
    guard bytes.count >= fewestSamples * width else { return shortVerdict(bytes, expected, isWhole: isWhole) }
    let own = Reading(bytes, expected)
    // An offset is not heard, and clipped samples are flat and jump.
    if own.isPlausible, own.rms < 330 || own.variance < 4 || own.clippedShare > 0.3 { return .open }
    if own.isPlausible, own.gain >= 1_000 { return .certain(expected) }
    if expected != .float32, isFloat(bytes, isBigEndian: false) { return .certain(.float32) }
    if expected != .float32BE, isFloat(bytes, isBigEndian: true) { return .certain(.float32BE) }
    let isSmooth = own.isPlausible && own.isCentred && own.gain >= 10
    if isSmooth, own.cost < 3 { return .certain(expected) }
    // What is rough and not loud disturbs nobody: a fricative, a cymbal, the noise of a room.
    if own.isPlausible, own.isCentred, own.rms < 2_000 { return isSmooth ? .certain(expected) : .open }
    let others = alternatives.filter { $0 != expected }
      .map { (format: $0, reading: Reading(bytes, $0)) }
      .filter { isSmooth ? $0.reading.isMuchBetter(than: own) : $0.reading.isBetter(than: own) }
    if let best = others.min(by: { $0.reading.cost < $1.reading.cost }) {
      // Two readings that are nearly as good, with little to go by: more will tell.
      let rivals = others.filter { $0.format != best.format && $0.reading.cost < best.reading.cost + 0.3 }
      return rivals.isEmpty || all.count >= enough || isWhole ? .certain(best.format) : .needMoreBytes
    }
    if isSmooth { return .certain(expected) }
    guard !own.isPlausible || own.rms > 14_000 && own.gain < 1.6 else { return .open }
    guard all.count >= enough || isWhole else { return .needMoreBytes }
    return !own.isPlausible || own.isUniform ? .noise : .open
  }

  /// Quiet bytes say nothing; loud ones that are too few wait for more.
  private static func shortVerdict(_ bytes: ArraySlice<UInt8>, _ expected: AudioFormat, isWhole: Bool) -> Verdict {
    guard !isWhole, bytes.count >= 4 else { return .open }
    let own = Reading(bytes, expected)
    if own.isPlausible, own.isCentred, own.rms < 2_000 || own.gain >= 10 { return .open }
    return .needMoreBytes
  }

  private static let alternatives: [AudioFormat] = [
    .pcm16, .mulaw, .alaw, .pcm16BE, .pcm8, .pcm24, .pcm32, .pcm24BE, .pcm32BE, .float32, .float32BE,
  ]

  // MARK: Patterns

  /// The bytes of text and white space only, of more than a few characters.
  private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.count >= 64 else { return false }
    return bytes.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) } && Set(bytes).count > 5
  }

  /// The silence of a code whose zero is loud when it is read as 16 bits: A-law's and unsigned samples' zero, and
  /// µ-law's where both of its zeros come.
  private static func idle(_ bytes: ArraySlice<UInt8>) -> AudioFormat? {
    guard bytes.count >= 64 else { return nil }
    var counts: [UInt8: Int] = [:]
    for byte in bytes {
      counts[byte, default: 0] += 1
      if counts.count > 8 { return nil }
    }
    func share(_ codes: Set<UInt8>) -> Double {
      Double(counts.reduce(0) { $0 + (codes.contains($1.key) ? $1.value : 0) }) / Double(bytes.count)
    }
    if share([0xD5, 0x55, 0xD4, 0x54]) == 1 { return .alaw }
    // Samples clipped at full scale are 0xFF, 0x7F in turn.
    let hasTurns = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).contains { bytes[$0] & 0x80 == 0 }
    if share([0x7F, 0x7E, 0xFE, 0xFF]) == 1, share([0x7F, 0x7E]) > 0.1, hasTurns { return .mulaw }
    if share([0x7E, 0x7F, 0x80, 0x81, 0x82]) == 1, share([0x80]) > 0.2 { return .pcm8 }
    return nil
  }

  /// Samples of 32 bits whose lower half is zero, as after a change from 16 bits, or floats of few bits: each second half
  /// is zero, and what is between is sound. A tone of a quarter of the rate looks so, too, but turns its sign each time.
  private static func stuffed(_ bytes: ArraySlice<UInt8>) -> AudioFormat? {
    guard bytes.count >= 2 * fewestSamples else { return nil }
    let start = bytes.startIndex
    for isBigEndian in [false, true] {
      var halves: [Int16] = []
      var isStuffed = true
      for i in stride(from: start, to: start + bytes.count / 4 * 4, by: 4) {
        let (zero, half) = isBigEndian ? (i + 2, i) : (i, i + 2)
        guard bytes[zero] == 0, bytes[zero + 1] == 0 else {
          isStuffed = false
          break
        }
        let (high, low) = isBigEndian ? (bytes[half], bytes[half + 1]) : (bytes[half + 1], bytes[half])
        halves.append(Int16(bitPattern: UInt16(high) << 8 | UInt16(low)))
      }
      guard isStuffed else { continue }
      let sounding = halves.filter { $0 != 0 }
      guard sounding.count >= 24 else { continue }
      let turns = zip(sounding, sounding.dropFirst()).filter { ($0 < 0) != ($1 < 0) }.count
      guard Double(turns) < 0.8 * Double(sounding.count - 1) else { continue }
      if sounding.allSatisfy({ isExponent(UInt8(truncatingIfNeeded: UInt16(bitPattern: $0) >> 8)) }) {
        return isBigEndian ? .float32BE : .float32
      }
      // A reading of 16 bits that is quiet may stay: a sequence of real samples may have gone missing.
      guard Level(of: sounding).rmsDB > -50 else { continue }
      return isBigEndian ? .pcm32BE : .pcm32
    }
    return nil
  }

  /// The highest byte of a float of a magnitude from 2⁻⁴² to 2: sign, and the upper seven bits of the exponent.
  private static func isExponent(_ byte: UInt8) -> Bool { (0x2A...0x3F).contains(byte & 0x7F) }

  /// Nearly all groups of four bytes have an exponent of sound, and their other halves have none.
  private static func isFloat(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> Bool {
    var (groups, exponents, others) = (0, 0, 0)
    for i in stride(from: bytes.startIndex, to: bytes.startIndex + bytes.count / 4 * 4, by: 4) {
      let (high, other) = isBigEndian ? (bytes[i], bytes[i + 2]) : (bytes[i + 3], bytes[i + 1])
      if bytes[i] | bytes[i + 1] | bytes[i + 2] | bytes[i + 3] == 0 { continue }
      groups += 1
      if isExponent(high) { exponents += 1 }
      if isExponent(other) { others += 1 }
    }
    return groups >= 32 && Double(exponents) >= 0.97 * Double(groups) && Double(others) < 0.6 * Double(groups)
  }

  /// Bytes read in one way.
  private struct Reading {
    /// Root mean square in steps of 16 bits.
    var rms = 0.0
    /// Power of the signal to that of what the predictor leaves.
    var gain = 1.0
    /// Bits a byte.
    var cost = 8.0
    /// Of the samples without their mean.
    var variance = 0.0
    /// Samples at full scale.
    var clippedShare = 0.0
    /// Each value is as frequent as any other, as in compressed data and in no sound: the fourth moment of a uniform
    /// distribution is 1.8 times the square of the second, of noise 3 times.
    var isUniform = false
    /// Not mostly an offset, as no recording is.
    var isCentred = true
    /// Floats that are sound: neither NaN nor far beyond full scale.
    var isPlausible = true

    init(_ bytes: ArraySlice<UInt8>, _ format: AudioFormat) {
      guard let (encoding, isBigEndian) = format.samples else { return }
      let width = encoding.byteCount
      let count = min(bytes.count / width, 2_048)
      guard count > 3 else { return }
      let values: [Double]
      var stepBits = 0.0
      if encoding == .float32 || encoding == .float64 {
        guard let floats = Self.floats(bytes, width: width, isBigEndian: isBigEndian) else {
          isPlausible = false
          return
        }
        values = floats.map { $0 * 32_768 }
        // 24 bits of each value count, 53 of a double.
        let precision = width == 4 ? 24.0 : 53.0
        stepBits = values.reduce(0) { $0 + ($1 == 0 ? -30 : Self.log2(abs($1)) - precision) } / Double(count)
      } else {
        let samples = format.monoSamples(of: bytes.prefix(count * width))
        values = samples.map(Double.init)
        switch encoding {
        case .mulaw, .alaw: stepBits = samples.reduce(0) { $0 + Self.stepBits($1, encoding) } / Double(count)
        case .pcm8: stepBits = 8
        case .pcm24: stepBits = -8
        case .pcm32: stepBits = -16
        default: break
        }
      }
      let power = values.reduce(0) { $0 + $1 * $1 } / Double(count)
      let mean = values.reduce(0, +) / Double(count)
      rms = power.squareRoot()
      variance = max(0, power - mean * mean)
      let squares = values.map { $0 * $0 }
      let fourth = squares.reduce(0) { $0 + $1 * $1 } / Double(count)
      isUniform = (16_000...22_000).contains(rms) && fourth < 2.2 * power * power
      clippedShare = Double(values.count { abs($0) >= 32_766 }) / Double(count)
      isCentred = abs(mean) < 24_000 || abs(mean) < 2 * variance.squareRoot() || count < 160
      let residual = Self.residual(values, mean: mean)
      gain = max(power - mean * mean, 1e-9) / max(residual, 1e-9)
      // 2.05 bits: ½ log₂(2πe), of a Gaussian of variance 1.
      let bits = 0.5 * Self.log2(residual + 1.0 / 12) + 2.05 - stepBits
      cost = min(max(bits, 0), Double(width * 8) + 1) / Double(width)
      // µ-law and A-law are half smooth when they are read as unsigned samples.
      if encoding == .pcm8 { cost += 0.7 }
    }

    /// So much better that even a reading that is smooth must be wrong, as every second sample of a code may be.
    func isMuchBetter(than own: Reading) -> Bool {
      isPlausible && isCentred && gain >= 2 * own.gain && cost <= own.cost - 2
    }

    func isBetter(than own: Reading) -> Bool {
      guard isPlausible, isCentred else { return false }
      if !own.isPlausible || !own.isCentred { return gain >= 4 || rms < 1_000 }
      if gain >= 8, gain >= 10 * own.gain, cost < own.cost { return true }
      return cost <= own.cost - 0.7 && (gain >= 4 || rms < 1_000)
    }

    /// The mean square of what a predictor from the last two samples leaves.
    private static func residual(_ values: [Double], mean: Double) -> Double {
      var (r11, r12, r22, p1, p2, energy) = (1e-6, 0.0, 1e-6, 0.0, 0.0, 0.0)
      for n in 2..<values.count {
        let (x, a, b) = (values[n] - mean, values[n - 1] - mean, values[n - 2] - mean)
        r11 += a * a
        r12 += a * b
        r22 += b * b
        p1 += x * a
        p2 += x * b
        energy += x * x
      }
      let determinant = r11 * r22 - r12 * r12
      let (first, second) =
        determinant > 1e-9 * r11 * r22
        ? ((p1 * r22 - p2 * r12) / determinant, (p2 * r11 - p1 * r12) / determinant) : (p1 / r11, 0)
      return max(0, energy - first * p1 - second * p2) / Double(values.count - 2)
    }

    private static func floats(_ bytes: ArraySlice<UInt8>, width: Int, isBigEndian: Bool) -> [Double]? {
      var values: [Double] = []
      for i in stride(from: bytes.startIndex, to: bytes.startIndex + bytes.count / width * width, by: width) {
        var pattern: UInt64 = 0
        for j in 0..<width { pattern = pattern << 8 | UInt64(bytes[isBigEndian ? i + j : i + width - 1 - j]) }
        let value = width == 4 ? Double(Float(bitPattern: UInt32(pattern))) : Double(bitPattern: pattern)
        // Synthesis may go a little beyond full scale.
        guard value.isFinite, abs(value) < 4 else { return nil }
        values.append(value)
        if values.count == 2_048 { break }
      }
      return values
    }

    /// The step between neighbouring codes of G.711 at a sample, as a power of two.
    private static func stepBits(_ sample: Int16, _ encoding: WAV.Encoding) -> Double {
      let magnitude = abs(Int(sample)) + (encoding == .mulaw ? 132 : 0)
      let highest = Double(Int.bitWidth - 1 - max(magnitude, 1).leadingZeroBitCount)
      return max(highest - 4, encoding == .mulaw ? 3 : 4)
    }

    /// Logarithm to base 2 by the parts of a float, to about 0.01.
    private static func log2(_ value: Double) -> Double {
      guard value > 0 else { return -30 }
      // ln(1 + x) / ln 2 for x in 0…1 by a cubic that is exact at both ends.
      let x = value.significand - 1
      return Double(value.exponent) + x * (1.4426 + x * (-0.6547 + x * 0.2121))
    }
  }
}
