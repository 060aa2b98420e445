import Testing
import Wire

@testable import Agent

@Suite struct ForeignAudioTests {
  private static let mp4 = [0, 0, 0, 0x1C] + Array("ftypiso5".utf8) + [UInt8](repeating: 0, count: 300)
  private static let flac = Array("fLaC".utf8) + [UInt8](repeating: 0, count: 300)
  private static let pcm = [UInt8](repeating: 3, count: 640)
  private static let wav = Array("RIFF\u{24}\u{8}\u{0}\u{0}WAVEfmt ".utf8) + [UInt8](repeating: 0, count: 40)

  private func payload(_ bytes: [UInt8], _ format: String? = nil) -> AudioPayload {
    AudioPayload(bytes: bytes, format: format)
  }

  @Test(arguments: [(mp4, "mp4, as a browser's MediaRecorder makes it,"), (flac, "flac cannot")])
  func saysWhatItIsAndWhatToDo(bytes: [UInt8], expected: String) {
    // In the dialect `pcm` everything is declared as samples.
    for format in [nil, "pcm16"] {
      var screen = ForeignAudio()
      guard case .leftOut(let advice?) = screen.examine(payload(bytes, format)) else {
        Issue.record("taken for samples")
        return
      }
      #expect(advice.hasPrefix(expected), "\(advice)")
      #expect(advice.contains("\(bytes.count) bytes left out"))
      #expect(advice.contains("raw 16-bit little-endian mono PCM, as from an AudioWorklet"))
    }
  }

  @Test func whatFollowsIsNoAudioEitherAndIsToldNowAndThen() {
    var screen = ForeignAudio()
    var advice = 0
    for n in 0..<1000 {
      switch screen.examine(payload(n == 0 ? Self.mp4 : Self.pcm)) {
      case .readable: Issue.record("piece \(n) was taken for samples")
      case .leftOut(let text): if text != nil { advice += 1 }
      }
    }
    // At the first piece, at 64 KiB, and at each doubling: 640 kB in all.
    #expect((4...6).contains(advice))
  }

  @Test func anotherStreamIsHeard() {
    var screen = ForeignAudio()
    #expect(screen.examine(payload(Self.pcm)) == .readable)
    #expect(screen.examine(payload(Self.mp4)) != .readable)
    #expect(screen.examine(payload(Self.pcm)) == .leftOut(nil))
    #expect(screen.examine(payload(Self.wav)) == .readable)
    #expect(screen.examine(payload(Self.pcm)) == .readable)
    #expect(screen.examine(payload(Self.mp4)) != .readable)
    #expect(screen.examine(payload(Self.pcm, "pcm16")) == .readable)
  }

  @Test func declaredFormatsThatCannotBeReadAreNamed() {
    var screen = ForeignAudio()
    guard case .leftOut(let advice?) = screen.examine(payload(Self.pcm, "audio/webm;codecs=vorbis")) else {
      Issue.record("taken for samples")
      return
    }
    #expect(advice.hasPrefix("webm-vorbis cannot"))
    for format in [nil, "pcm16", "mp3", "opus", "mulaw", "wav", "audio/webm;codecs=opus"] {
      #expect(screen.examine(payload(Self.pcm, format)) == .readable, "\(format ?? "none")")
    }
  }

  @Test func shortPiecesDoNotTrap() {
    var screen = ForeignAudio()
    for count in 0..<13 { _ = screen.examine(payload(Array(Self.mp4.prefix(count)))) }
  }
}
