import Audio
import TestKit
import Testing

@Suite struct WAVTests {
  private func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    Array(name.utf8) + little(body.count, 4) + body + (body.count % 2 == 1 ? [0] : [])
  }
  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  private func wav(tag: Int, bits: Int, channels: Int = 1, rate: Int = 16_000, _ data: [UInt8]) -> [UInt8] {
    let frame = bits / 8 * channels
    let format = little(tag, 2) + little(channels, 2) + little(rate, 4) + little(rate * frame, 4) + little(frame, 2)
    let chunks = Array("WAVE".utf8) + chunk("fmt ", format + little(bits, 2)) + chunk("data", data)
    return Array("RIFF".utf8) + little(chunks.count, 4) + chunks
  }
  private func samples(_ bytes: [UInt8]) -> [Int16]? {
    guard case .header(let header) = WAV.parse(bytes) else { return nil }
    return WAV.monoSamples(of: bytes[header.dataOffset...].prefix(header.dataByteCount ?? .max), header: header)
  }

  @Test func writesWhatItReads() {
    let header = WAV.header(rate: 24_000, sampleCount: 100)
    #expect(header.count == 44)
    #expect(
      WAV.parse(header)
        == .header(.init(encoding: .pcm16, channels: 1, rate: 24_000, dataOffset: 44, dataByteCount: 200)))
    guard case .header(let open) = WAV.parse(WAV.header(rate: 8_000, sampleCount: nil)) else {
      Issue.record("no header")
      return
    }
    #expect(open.dataByteCount == nil)
  }

  @Test func isPatientWithEveryPrefix() {
    let extra = chunk("LIST", Array("INFOISFT".utf8) + [5, 0, 0, 0] + Array("Lavf\0".utf8))
    let plain = WAV.header(rate: 16_000, sampleCount: 4)
    let whole = Array(plain[..<36]) + extra + Array(plain[36...])
    for length in 0..<whole.count { #expect(WAV.parse(Array(whole[..<length])) == .needMoreBytes) }
    guard case .header(let header) = WAV.parse(whole) else {
      Issue.record("no header")
      return
    }
    #expect(header.dataOffset == whole.count)
  }

  @Test(arguments: [0, 0xFFFF_FFFF, 0x7FFF_F000]) func aStreamedSizeIsUnknown(size: Int) {
    let bytes = Array(WAV.header(rate: 16_000, sampleCount: 4)[..<40]) + little(size, 4)
    guard case .header(let header) = WAV.parse(bytes) else {
      Issue.record("no header")
      return
    }
    #expect(header.dataByteCount == nil)
  }

  @Test func decodesEveryEncoding() {
    let float = { (value: Float) in self.little(Int(value.bitPattern), 4) }
    let double = { (value: Double) in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) } }
    #expect(samples(wav(tag: 1, bits: 8, [0, 128, 255])) == [-32_768, 0, 32_512])
    #expect(samples(wav(tag: 1, bits: 16, [0x34, 0x12, 0xFF, 0xFF])) == [0x1234, -1])
    #expect(
      samples(wav(tag: 1, bits: 24, [0x80, 0x34, 0x12, 0xFF, 0xFF, 0x7F, 0, 0, 0x80])) == [0x1235, 32_767, -32_768])
    #expect(samples(wav(tag: 1, bits: 32, [0, 0, 0x34, 0x12])) == [0x1234])
    let floats = float(0.5) + float(-1) + float(7) + float(.nan) + float(-.infinity)
    #expect(samples(wav(tag: 3, bits: 32, floats)) == [16_384, -32_768, 32_767, 0, -32_768])
    #expect(samples(wav(tag: 3, bits: 64, double(-0.25) + double(1e300))) == [-8_192, 32_767])
    #expect(samples(wav(tag: 7, bits: 8, [0x00, 0x80, 0xFF])) == [-32_124, 32_124, 0])
    #expect(samples(wav(tag: 6, bits: 8, [0xD5, 0x55])) == [8, -8])
  }

  @Test func mixesChannelsToTheirMean() {
    #expect(samples(wav(tag: 1, bits: 16, channels: 2, PCM16.bytes(of: [100, 300, 32_767, 32_767]))) == [200, 32_767])
    #expect(samples(wav(tag: 1, bits: 16, channels: 3, PCM16.bytes(of: [3, 3, 3, 9]))) == [3])
  }

  @Test func readsTheExtensibleFormat() {
    var bytes = wav(tag: 0xFFFE, bits: 16, PCM16.bytes(of: [7]))
    let extensible = little(22, 2) + little(16, 2) + little(4, 4) + little(1, 2) + [UInt8](repeating: 0, count: 14)
    bytes.replaceSubrange(16..<20, with: little(40, 4))
    bytes.insert(contentsOf: extensible, at: 36)
    #expect(samples(bytes) == [7])
  }

  @Test func saysWhyItCannotPlay() {
    func reason(_ bytes: [UInt8]) -> String {
      if case .invalid(let why) = WAV.parse(bytes) { return why }
      return ""
    }
    #expect(reason(Array("RIFX0000WAVEfmt ".utf8)).contains("RIFF"))
    #expect(reason(wav(tag: 2, bits: 4, [0])).contains("format 2"))
    #expect(reason(wav(tag: 1, bits: 16, channels: 0, [0, 0])).contains("0 channels"))
    #expect(reason(wav(tag: 1, bits: 16, rate: 7, [0, 0])).contains("7 samples"))
    #expect(reason(Array("RIFF0000WAVE".utf8) + chunk("data", [1])).contains("before its format"))
    let endless = Array("RIFF0000WAVE".utf8) + Array("junk".utf8) + little(0x7000_0000, 4)
    #expect(reason(endless).contains("262144"))
  }

  @Test func randomHeadersNeverTrap() {
    var random = SeededGenerator(seed: 31)
    for _ in 0..<3_000 {
      var bytes = wav(tag: 1, bits: 16, channels: 2, PCM16.bytes(of: [1, 2, 3, 4]))
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        bytes[Int.random(in: 12..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let parsed = WAV.parse(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
      if case .header(let header) = parsed {
        #expect(header.frameByteCount > 0)
        #expect(header.dataOffset <= bytes.count)
        _ = WAV.monoSamples(of: bytes[header.dataOffset...], header: header)
      }
    }
  }
}

@Suite struct PCM16Tests {
  @Test func oddPiecesGiveTheSameSamples() {
    let samples = Signals.noise(count: 300, levelDB: -10)
    let bytes = PCM16.bytes(of: samples)
    #expect(PCM16.samples(of: bytes) == samples)
    for piece in [1, 3, 7, 101] {
      var stream = PCM16()
      var decoded: [Int16] = []
      for start in stride(from: 0, to: bytes.count, by: piece) {
        decoded += stream.samples(from: bytes[start..<min(start + piece, bytes.count)])
      }
      #expect(decoded == samples)
      #expect(!stream.hasCarry)
    }
  }

  @Test func anOddByteIsCarried() {
    var stream = PCM16()
    let whole = stream.samples(from: [0x01, 0x00, 0x02])
    #expect(whole == [1])
    #expect(stream.hasCarry)
    stream.reset()
    let fresh = stream.samples(from: [0x03, 0x00])
    #expect(fresh == [3])
    #expect(PCM16.samples(of: [1, 0, 9]) == [1])
  }
}
