import Audio
import AudioCodecs
import TestKit
import Testing

@Suite struct MP3StreamTests {
  @Test func aTaggedStreamIsAsLongAsItsSource() {
    let decoded = IncomingAudioDecoder(outputRate: 22_050).decodeAll([taggedMP3])
    #expect(decoded.formats == ["mp3 22050"])
    #expect(decoded.problems == [])
    #expect(decoded.samples.count == 11_025)
    #expect(Signals.signalToNoiseDB(Array(decoded.samples[1_000..<10_000]), hertz: 440, rate: 22_050) > 25)
  }

  @Test func stereoWithoutATagIsMixedAndResampled() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(untaggedMP3, of: 512))
    #expect(decoded.formats == ["mp3 44100"])
    #expect(decoded.problems == [])
    // 0.3 s and up to three frames of delay and padding.
    #expect((4_800...6_100).contains(decoded.samples.count))
    let middle = Array(decoded.samples[1_500..<4_500])
    #expect(Signals.signalToNoiseDB(middle, hertz: 440, rate: 16_000) > 30)
    #expect(abs(Level(of: middle).rmsDB - -9) < 1)
  }

  @Test(arguments: [1, 2, 13, 104, 105, 417, 1_000]) func anyCutGivesTheSameSamples(size: Int) {
    for stream in [taggedMP3, untaggedMP3] {
      let whole = IncomingAudioDecoder(outputRate: 16_000).decodeAll([stream])
      let cut = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(stream, of: size))
      #expect(cut.samples == whole.samples)
      #expect(cut.problems == [])
      #expect(cut.formats == whole.formats)
    }
  }

  @Test func everySingleCutOfTheBeginningGivesTheSameSamples() {
    let whole = IncomingAudioDecoder(outputRate: 22_050).decodeAll([taggedMP3]).samples
    for cut in 1..<300 {
      let decoded = IncomingAudioDecoder(outputRate: 22_050)
        .decodeAll([Array(taggedMP3[..<cut]), Array(taggedMP3[cut...])])
      #expect(decoded.samples == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: [1, 9, 10, 11, 700]) func id3TagsAreSkipped(size: Int) {
    let body = [UInt8](repeating: 0xFF, count: 300)
    let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 2, 44] + body
    let plain = IncomingAudioDecoder(outputRate: 22_050).decodeAll([taggedMP3]).samples
    let decoded = IncomingAudioDecoder(outputRate: 22_050).decodeAll(pieces(tag + tag + taggedMP3, of: size))
    #expect(decoded.samples == plain)
    #expect(decoded.problems == [])
  }

  @Test func eachResponseIsANewStream() {
    let decoder = IncomingAudioDecoder(outputRate: 22_050)
    let first = decoder.decodeAll([taggedMP3]).samples
    #expect(decoder.decodeAll(pieces(taggedMP3, of: 77)).samples == first)
    #expect(decoder.decodeAll([untaggedMP3]).formats == ["mp3 44100"])
  }

  @Test func streamsMayFollowEachOtherWithinAResponse() {
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(taggedMP3 + untaggedMP3, of: 200))
    #expect(decoded.formats == ["mp3 22050", "mp3 44100"])
    let total = Double(decoded.samples.count) / 16_000
    #expect((0.7...0.95).contains(total), "\(total) s of 0.5 and 0.3")
  }

  @Test func garbageDeclaredAsMP3IsAProblemNotATrap() {
    var random = SeededGenerator(seed: 51)
    let garbage = (0..<200_000).map { _ in UInt8.random(in: 0...254, using: &random) }
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    let decoded = decoder.decodeAll(pieces(garbage, of: 4_000), format: "mp3")
    #expect(decoded.samples.isEmpty)
    #expect(decoded.problems.count == 1)
    #expect(decoder.decodeAll([taggedMP3], format: "mp3").samples.count == 8_000)
  }

  @Test func aStreamThatBeginsWithinAFrameIsFoundWhenDeclared() {
    let decoded = IncomingAudioDecoder(outputRate: 22_050).decodeAll([Array(untaggedMP3[50...])], format: "mp3")
    #expect(decoded.samples.count > 4_000)
  }
}

@Suite struct OggOpusStreamTests {
  private let speech = Signals.tone(440, rate: 16_000, count: 16_000)

  @Test(arguments: [16_000, 24_000, 48_000, 44_100, 22_050]) func isAsLongAsItsSource(outputRate: Int) {
    let decoded = IncomingAudioDecoder(outputRate: outputRate)
      .decodeAll([OggOpusEncoding.stream(speech, rate: 16_000)])
    #expect(decoded.formats == ["ogg-opus 16000"])
    #expect(decoded.problems == [])
    #expect(abs(decoded.samples.count - outputRate) <= 1)
    let middle = Array(decoded.samples[outputRate / 5..<outputRate * 4 / 5])
    #expect(Signals.signalToNoiseDB(middle, hertz: 440, rate: outputRate) > 20)
    #expect(abs(Level(of: middle).rmsDB - -9) < 1)
  }

  @Test(arguments: [1, 26, 27, 28, 113, 1_000]) func anyCutGivesTheSameSamples(size: Int) {
    let stream = OggOpusEncoding.stream(speech, rate: 16_000)
    let whole = IncomingAudioDecoder(outputRate: 16_000).decodeAll([stream])
    #expect(whole.samples.count == 16_000)
    let cut = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(stream, of: size))
    #expect(cut.samples == whole.samples)
    #expect(cut.problems == [])
  }

  @Test(arguments: [1, 999, 100_000]) func aNewFirstPageBeginsANewStream(size: Int) {
    let first = OggOpusEncoding.stream(speech, rate: 16_000, serial: 1)
    let second = OggOpusEncoding.stream(Array(speech[..<5_000]), rate: 24_000, serial: 2)
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(first + second, of: size))
    #expect(decoded.problems == [])
    #expect(abs(decoded.samples.count - (16_000 + 5_000 * 2 / 3)) <= 1)
  }

  @Test func aStreamMayGoOnInTheNextResponse() {
    let stream = OggOpusEncoding.stream(speech, rate: 16_000)
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    // Page boundaries, as a server that flushes at the end of a response makes them.
    let pages = stream.indices.filter { stream[$0...].starts(with: Array("OggS".utf8)) }
    let cut = pages[5]
    let a = decoder.decodeAll([Array(stream[..<cut])])
    let b = decoder.decodeAll([Array(stream[cut...])])
    #expect(a.problems + b.problems == [])
    #expect((15_900...16_100).contains(a.samples.count + b.samples.count))
  }

  @Test func stereoAndGainAreHonoured() {
    let stereo = IncomingAudioDecoder(outputRate: 16_000)
      .decodeAll([OggOpusEncoding.stream(speech, rate: 48_000, channels: 2)])
    // One channel of two: 6 dB less.
    #expect(abs(Level(of: stereo.samples[1_000..<5_000]).rmsDB - -15) < 1.5)
    let quiet = IncomingAudioDecoder(outputRate: 16_000)
      .decodeAll([OggOpusEncoding.stream(speech, rate: 16_000, gainDB: -12)])
    #expect(abs(Level(of: quiet.samples[1_000..<15_000]).rmsDB - -21) < 1)
  }

  @Test func damageIsReportedAndTheRestIsPlayed() {
    var stream = OggOpusEncoding.stream(speech, rate: 16_000)
    // Within a page's body: the checksum fails, and the page is lost.
    let pages = stream.indices.filter { stream[$0...].starts(with: Array("OggS".utf8)) }
    for i in pages[4] + 60..<pages[4] + 90 { stream[i] ^= 0xFF }
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll(pieces(stream, of: 500))
    #expect(!decoded.problems.isEmpty)
    #expect((10_000..<16_000).contains(decoded.samples.count))
  }

  @Test func otherCodecsInOggAreNamed() {
    var stream = OggOpusEncoding.stream(speech, rate: 16_000)
    // Not Opus any more, and so with a wrong checksum: what is left of the page is skipped, and what follows has no header.
    stream.replaceSubrange(28..<36, with: Array("Theora!!".utf8))
    let decoded = IncomingAudioDecoder(outputRate: 16_000).decodeAll([stream])
    #expect(decoded.samples.isEmpty)
    #expect(decoded.problems.count == 1)
  }
}
