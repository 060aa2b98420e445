import Glibc

/// Tries what speech needs of this machine, for `sidetone doctor`. Each call blocks; none makes a sound.
public enum SpeechCheck {
  /// One part of speech, tried just now.
  public enum Outcome: Sendable, Equatable {
    /// It works: what was found.
    case works(String)
    /// It does not: why, and what to do.
    case fails(reason: String, remedy: String)
  }

  /// Loads a decoder with both language models: about 200 ms and 100 MB.
  public static func recognition() -> Outcome {
    do {
      _ = try PocketSphinxDecoder(directory: SpeechModels.standardDirectory, domain: SpeechResources.domainModel)
      return .works("PocketSphinx loads its English model, \(SpeechModels.standardDirectory)")
    } catch {
      return .fails(reason: error.reason, remedy: error.remedy)
    }
  }

  /// Looks for the language model of the built-in agent's domain, which lies beside the program.
  public static func domainModel() -> Outcome { domainModel(SpeechResources.domainModel) }

  static func domainModel(_ path: String) -> Outcome {
    guard access(path, R_OK) == 0 else {
      return .fails(
        reason: "cannot read \(path)", remedy: "keep the directory \(SpeechResources.directoryName) beside the program")
    }
    return .works("beside the program, in \(SpeechResources.directoryName)")
  }

  /// Speaks a word with each voice whose engine is there: about 600 ms and 150 MB where the neural one is.
  public static func englishVoices() -> Outcome {
    let silent = Flite.voices.filter { voice in
      var count = 0
      let isThere = Flite.speak("yes", voice: voice) { samples in
        count += samples.count
        return true
      }
      return !isThere || count == 0
    }
    guard silent.isEmpty else {
      return .fails(
        reason: "flite is silent with \(silent.joined(separator: ", "))",
        remedy: "apt-get install --reinstall libflite1")
    }
    let plain = "flite speaks as \(Flite.voices.joined(separator: ", "))"
    do {
      _ = try PiperVoices.shared.voice()
      return .works("Piper speaks as joe, \(plain)")
    } catch {
      return .works("\(plain); joe is missing: \(error.reason): \(error.remedy)")
    }
  }

  /// The names that `--voice` takes for English: of the voices whose engines are there.
  public static var englishVoiceNames: [String] { Voice.available.map(\.name) }

  /// Speaks a word in another language by espeak-ng, in a process of its own.
  public static func otherLanguage(_ language: String) -> Outcome { otherLanguage(language, program: "espeak-ng") }

  static func otherLanguage(_ language: String, program: String) -> Outcome {
    do {
      try EspeakProcess(program: program).speak("a", language: language, isWanted: { true }) { _, _ in }
      return .works("espeak-ng speaks \(language)")
    } catch {
      return .fails(reason: error.text, remedy: "apt-get install espeak-ng; `espeak-ng --voices` lists its languages")
    }
  }
}
