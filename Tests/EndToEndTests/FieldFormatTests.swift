import AudioCodecs
import Audio
import Foundation
import TestKit
import Testing
import Timeline

extension SecondLane {
  /// The program against servers that name, code and dress their audio as servers in the field do: what is heard is the tone, at
  /// its pitch and level, or nothing; and what is wrong is said.
  @Suite struct FieldFormatTests {
    private struct Heard: Sendable {
      var session: Program.Session
      var samples: [Int16]
      var tone: ToneMeasure
      /// Of the loudest 20 ms.
      var loudestDB: Double
      var words: String { session.errors.joined(separator: "\n") }
    }

    private static func server() throws -> (ChildProcess, Int) {
      let server = try PeerLibrary.python.run("field_formats", [PeerLibrary.folder])
      guard
        let port = server.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }).flatMap({ Int($0.dropFirst(5)) })
      else { throw TestFailure("no port: \(server.errorLines)") }
      return (server, port)
    }

    /// Connects to each path, several at a time, and hands over what was heard and said.
    private func hear(
      _ paths: [String], _ flags: [String] = [], _ check: @escaping @Sendable (String, Heard) throws -> Void
    ) async throws {
      let folder = try TestFolder()
      let (server, port) = try await onThread { try Self.server() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, path) in paths.enumerated() {
          group.addTask {
            let file = "\(folder.path)/\(index).wav"
            let heard = try await onThread {
              let session = try Program.connect(
                "ws://127.0.0.1:\(port)/\(path)",
                ["--output", "file:\(file)", "--input", "silence", "--until-idle", "--summary"] + flags)
              let samples = try AudioFile.read(path: file, rate: 16_000)
              let blocks = stride(from: 0, to: max(samples.count - 320, 0), by: 320).map {
                Array(samples[$0..<$0 + 320])
              }
              return Heard(
                session: session, samples: samples, tone: ToneMeasure(samples, rate: 16_000),
                loudestDB: blocks.map { Level(of: $0).rmsDB }.max() ?? Level.silenceDB)
            }
            try check(path, heard)
          }
        }
        try await group.waitForAll()
      }
      withExtendedLifetime(server) {}
    }

    /// One second of 440 Hz at its own level, -11.7 dBFS.
    private static func expectTone(_ path: String, _ heard: Heard, milliseconds: Double = 1_000) {
      let tone = heard.tone
      #expect(abs(tone.hertz - 440) < Double(4 + tone.gaps), "\(path): \(tone) \(heard.words)")
      #expect(abs(tone.milliseconds - milliseconds) < Double(90 + 10 * tone.gaps), "\(path): \(tone)")
      #expect(abs(heard.loudestDB - -11.7) < 1.2, "\(path): \(heard.loudestDB) dBFS")
    }

    @Test func declaredNamesArePlayedAsWhatTheySay() async throws {
      let paths = [
        "float32/pcm_f32le", "float32/float32", "float32be/f32be", "float64/f64le", "pcm24/pcm_s24le", "pcm32/s32le",
        "pcm16be/pcm_s16be", "pcm8/u8", "mulaw/pcm_mulaw", "mulaw/PCMU", "alaw/PCMA", "alaw/g711_alaw",
        "pcm16/audio~L16;rate=16000",
        "pcm16be/audio~L16;rate=16000", "stereo/audio~L16;rate=16000;channels=2", "pcm16/pcm_16000", "pcm16/linear16",
        "binary-wav0/-", "wavff/audio~wav",
      ]
      try await hear(paths) { path, heard in
        Self.expectTone(path, heard)
        #expect(!heard.words.contains("finding: error"), "\(path): \(heard.words)")
      }
    }

    @Test func whatIsNotDeclaredIsFoundOutAndNamed() async throws {
      let paths = [
        "float32/-": "looks-like-float32", "binary-float32/-": "looks-like-float32",
        "float32/pcm16": "looks-like-float32",
        "mulaw/-": "looks-like-mulaw", "alaw/-": "looks-like-alaw", "pcm16be/-": "looks-like-big-endian",
        "pcm24/-": "looks-like-other-width", "pcm32/-": "looks-like-other-width", "pcm16/xyz": "unknown-format",
      ]
      try await hear(Array(paths.keys)) { path, heard in
        Self.expectTone(path, heard)
        let finding = try #require(paths[path])
        #expect(heard.words.contains(finding), "\(path): \(heard.words)")
        #expect(!heard.words.contains("odd-byte-count"), "\(path)")
      }
    }

    @Test func theBareDialectToo() async throws {
      let paths = [
        "binary/float32": "looks-like-float32", "binary/mulaw": "looks-like-mulaw", "binary/packets": "raw-opus",
      ]
      try await hear(Array(paths.keys), ["--dialect", "pcm"]) { path, heard in
        Self.expectTone(path, heard, milliseconds: path.hasSuffix("packets") ? 2_000 : 1_000)
        let finding = try #require(paths[path])
        #expect(heard.words.contains(finding), "\(path): \(heard.words)")
      }
    }

    @Test func opusPacketsWithoutPagesArePlayed() async throws {
      try await hear(["packets/-", "binary-packets/-", "packets/opus"]) { path, heard in
        Self.expectTone(path, heard, milliseconds: 2_000)
        #expect(heard.words.contains("raw-opus") == !path.hasSuffix("opus"), "\(path): \(heard.words)")
      }
    }

    @Test func whatCannotBePlayedIsRefusedInWordsAndNotHeard() async throws {
      let paths = [
        "aac/aac": "unplayable-format", "aac/-": "unplayable-format",
        "mp4/audio~mp4": "unplayable-format",
        "flac/flac": "unplayable-format", "noise/-": "looks-like-noise", "noise/pcm16": "looks-like-noise",
        "noise/xyz": "looks-like-noise",
      ]
      try await hear(Array(paths.keys)) { path, heard in
        #expect(heard.loudestDB < -60, "\(path): \(heard.loudestDB) dBFS was heard")
        let finding = try #require(paths[path])
        #expect(heard.words.contains(finding), "\(path): \(heard.words)")
        let told = heard.session.entries.contains {
          if case .playoutChange(let change) = $0.event {
            change.text?.contains("cannot be played") == true
          } else {
            false
          }
        }
        #expect(told, "\(path)")
      }
    }

    @Test func containersWithSomethingBeforeThemArePlayed() async throws {
      try await hear(["bom-mp3/-", "id3-mp3/-", "junk-opus/-", "junk-opus/opus"]) { path, heard in
        #expect(abs(heard.tone.hertz - 440) < Double(4 + heard.tone.gaps), "\(path): \(heard.tone)")
        #expect(abs(heard.tone.milliseconds - 2_000) < Double(90 + 10 * heard.tone.gaps), "\(path): \(heard.tone)")
      }
    }

    @Test func aHealthyCompressedSessionShowsNoFinding() async throws {
      try await hear(["mp3/-", "mp3/audio~mpeg", "binary-mp3/-", "opus/-", "opus/ogg_opus"]) { path, heard in
        #expect(abs(heard.tone.hertz - 440) < Double(4 + heard.tone.gaps), "\(path): \(heard.tone)")
        #expect(!heard.words.contains("finding: error"), "\(path): \(heard.words)")
        // Nothing of an Ogg page of a second is heard before all of it is there; that is told.
        let long = path.hasPrefix("opus") ? [] : ["chunk-too-long"]
        for rule in ["sample-rate-mismatch", "container-for-pcm", "odd-byte-count"] + long {
          #expect(!heard.words.contains(rule), "\(path): \(heard.words)")
        }
        // The decoder's word and what was played.
        let decoded = heard.session.entries.reduce(0.0) { sum, entry in
          if case .playoutChange(let change) = entry.event { sum + (change.decodedMs ?? 0) } else { sum }
        }
        #expect(abs(decoded - 2_000) < 120, "\(path): \(decoded) ms")
      }
    }

    @Test func ratesHoweverTheyAreWritten() async throws {
      let good = ["\"24000\"", "24000.0", "24000"]
      let bad = ["0", "-1", "1", "1000000000", "4294967296", "\"abc\"", "NaN"]
      try await hear((good + bad).map { "rate/" + $0.replacingOccurrences(of: "\"", with: "'") }) { path, heard in
        let rate = String(path.dropFirst(5)).replacingOccurrences(of: "'", with: "\"")
        if good.contains(rate) {
          Self.expectTone(path, heard)
          #expect(heard.session.notices == [], "\(path)")
        } else if rate == "NaN" {
          #expect(
            heard.session.notices.contains { $0.text.contains("not valid JSON") || $0.text.contains("JSON") }, "\(path)"
          )
        } else {
          #expect(
            heard.session.notices.contains { $0.text.contains("was ignored: rate \(rate)") },
            "\(path): \(heard.session.notices)")
          #expect(!heard.words.contains("chunk-too-long"), "\(path): \(heard.words)")
        }
      }
    }

    @Test func base64InAllDresses() async throws {
      try await hear(["plain", "url", "bare", "wrapped", "uri"].map { "dress/\($0)" }) { path, heard in
        Self.expectTone(path, heard)
        #expect(heard.session.notices == [], "\(path)")
      }
      try await hear(["dress/broken"]) { path, heard in
        #expect(
          heard.session.notices.contains { $0.text.contains("wrong base64 (character 10") }, "\(heard.session.notices)")
      }
    }

    @Test func jsonInBinaryMessagesIsReadAndNamed() async throws {
      try await hear(["json-binary"]) { path, heard in
        Self.expectTone(path, heard)
        #expect(heard.session.states.contains(.ready))
        #expect(heard.words.contains("json-in-binary"), "\(heard.words)")
        #expect(!heard.words.contains("odd-byte-count"))
      }
    }

    @Test func theRestOfAnMP3AfterInterruptedIsNeverNoise() async throws {
      try await hear(["mp3-after-cut"]) { path, heard in
        #expect(heard.loudestDB < -8, "\(heard.loudestDB) dBFS")
        let formats = heard.session.entries.compactMap {
          if case .playoutChange(let change) = $0.event { change.format } else { nil }
        }
        #expect(!formats.contains("pcm16"), "\(formats)")
      }
    }

    @Test func noWordsAreLostAndMarksAreNotSpeech() async throws {
      let folder = try TestFolder()
      let (server, port) = try await onThread { try Self.server() }
      for (path, says) in [
        ("emoji", "agent: It is sunny 😀 today and \u{FFFD} lone."),
        ("bullet", "agent: Hello there. How are you? Fine."),
        ("wordless", "agent: (spoke for 1.0 s, without text)"),
      ] {
        let outcome = try await onThread {
          let process = try Program.start([
            "connect", "ws://127.0.0.1:\(port)/\(path)", "--plain", "--input", "silence", "--output", "null",
          ])
          let line = process.waitForLine(timeout: 60) { $0.contains("agent: ") }
          process.terminate()
          _ = process.waitUntilExit(timeout: 30)
          return line ?? "nothing: \(process.lines)"
        }
        #expect(outcome.contains(says), "\(outcome)")
      }
      withExtendedLifetime((server, folder)) {}
    }
  }
}
