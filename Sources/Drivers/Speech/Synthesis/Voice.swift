import Engines

// Voices: a row for each, from which the synthesizers, the flags, the checks and the documents read.
//
//   text ─► SpeakableText ─► flite ───────────────────────────────────────────────────────────────► SpeechShaper ─► audio
//                        └─► flite's front end ─► SpokenChunks ─► PhoneticAlphabet ─► PiperVoice ─► ChunkShaper ──► audio
//   another language ────► espeak-ng, a child process ───────────────────────────────────────────► SpeechShaper ─► audio

/// An English voice.
public struct Voice: Sendable, Equatable {
  /// What makes its audio.
  public enum Engine: String, Sendable {
    /// A neural model, made of phonemes by ONNX Runtime.
    case piper = "Piper"
    case flite
  }

  /// As `--voice` and a client's `config` name it.
  public var name: String
  public var engine: Engine
  /// Samples a second that the engine makes.
  public var rate: Int
  public var language: String
  /// What must be there for it.
  public var needs: String
  /// To the first audio of an answer whose first sentence has 20 to 52 characters, on an idle core.
  public var firstAudio: Duration

  /// All voices. How they were measured: docs/decisions/speech.md.
  public static let all: [Voice] =
    [
      Voice(
        name: "joe", engine: .piper, rate: 22_050, language: "en-US", needs: "the speech engines",
        firstAudio: .milliseconds(170))
    ]
    + Flite.voices.map {
      Voice(
        name: $0, engine: .flite, rate: Flite.rate, language: "en-US", needs: "libflite1", firstAudio: .milliseconds(15)
      )
    }

  public static var names: [String] { all.map(\.name) }

  /// The names with their engines, as in `joe (Piper), slt, rms (flite)`.
  public static var usage: String {
    all.enumerated().map { index, voice in
      let isLastOfEngine = index + 1 == all.count || all[index + 1].engine != voice.engine
      return isLastOfEngine ? "\(voice.name) (\(voice.engine.rawValue))" : voice.name
    }.joined(separator: ", ")
  }

  /// The table as a page shows it.
  static var markdown: String {
    let rows = all.map { voice in
      "| `\(voice.name)` | \(voice.engine.rawValue) | \(voice.rate) | \(voice.language) | \(voice.needs) "
        + "| \(Int(voice.firstAudio / .milliseconds(1))) ms |"
    }
    let head = "| voice | engine | samples a second | language | needs | first audio |"
    return ([head, "|---|---|---|---|---|---|"] + rows).joined(separator: "\n")
  }

  public static func named(_ name: String) -> Voice? { all.first { $0.name == name } }

  /// The voice that speaks where nobody has named one: the most natural whose engine is there.
  public static var standard: Voice { available[0] }

  /// The voice that speaks where nobody has named one and every millisecond counts.
  public static var quickest: Voice { all.first { $0.engine == .flite }! }

  /// The voices whose engines are there, the most natural first; flite's are always among them.
  public static var available: [Voice] { available(PiperVoices.shared) }

  static func available(_ piper: PiperVoices) -> [Voice] {
    let isPiperThere = piper.fault == nil
    return all.filter { $0.engine == .flite || isPiperThere }
  }

  /// Why it cannot speak, as far as can be told without loading it; nil when its engine is there.
  public var fault: EngineFault? { engine == .piper ? PiperVoices.shared.fault : nil }

  /// Loads what it needs, on a thread of its own, so that its first sentence need not wait. Returns at once.
  public func prepare() {
    if engine == .piper { PiperVoices.shared.prepare() }
  }

  /// Waits until a voice that is being loaded is: a process that ends while it opens a library may crash.
  public static func finishPreparing() { PiperVoices.shared.finishLoading() }

  /// The voice of a name.
  /// - Throws: what is wrong, and what to do: there is no such voice, or its engine is missing.
  public static func usable(_ name: String) throws(EngineFault) -> Voice {
    guard let voice = named(name) else {
      throw EngineFault(
        reason: "there is no English voice of that name", remedy: "use \(usage)")
    }
    if let fault = voice.fault { throw fault }
    return voice
  }
}
