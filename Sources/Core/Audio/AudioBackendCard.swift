/// What an audio backend is called and needs: flags, configuration, doctor and docs/audio.md ask it and nothing else.
public struct AudioBackendCard: Sendable, Equatable {
  /// How it is chosen, as in `mic:NAME` after `--input`.
  public struct Form: Sendable, Equatable {
    /// What comes after the colon.
    public enum Argument: Sendable, Equatable {
      case none
      case optional(String)
      case required(String)
    }

    public var word: String
    public var argument: Argument
    /// What comes from there or goes there, in words.
    public var help: String

    public init(_ word: String, _ argument: Argument = .none, help: String) {
      self.word = word
      self.argument = argument
      self.help = help
    }

    /// As in `mic[:NAME]`.
    public var usage: String {
      switch argument {
      case .none: word
      case .optional(let name): "\(word)[:\(name)]"
      case .required(let name): "\(word):\(name)"
      }
    }

    /// Each way to write it, as in `mic` and `mic:NAME`.
    public var spellings: [String] {
      switch argument {
      case .none: [word]
      case .optional(let name): [word, "\(word):\(name)"]
      case .required(let name): ["\(word):\(name)"]
      }
    }

    /// Whether a text is of this form, and what comes after its colon.
    func read(_ text: String) -> (fits: Bool, argument: String?) {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.first.map(String.init) == word else { return (false, nil) }
      let given = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
      switch argument {
      case .none: return (given == nil, nil)
      case .optional: return (true, given)
      case .required: return (given != nil, given)
      }
    }
  }

  public var title: String
  /// What has to be there for it.
  public var needs: String
  public var input: Form?
  public var output: Form?

  public init(title: String, needs: String, input: Form? = nil, output: Form? = nil) {
    self.title = title
    self.needs = needs
    self.input = input
    self.output = output
  }

  /// Cards and sound servers, by ALSA.
  public static let alsa = AudioBackendCard(
    title: "sound card or sound server", needs: "a card, PipeWire or PulseAudio; `sidetone doctor` lists the names",
    input: Form("mic", .optional("NAME"), help: "a microphone; without a name ALSA's `default`"),
    output: Form("speaker", .optional("NAME"), help: "a speaker; without a name ALSA's `default`"))
  public static let file = AudioBackendCard(
    title: "file", needs: "a file that can be read or written",
    input: Form("file", .required("PATH"), help: "an audio file, spoken once when the server is ready"),
    output: Form("file", .required("PATH"), help: "a WAV file, at the pace of a speaker"))
  public static let words = AudioBackendCard(
    title: "words",
    needs: "Piper's voice `joe` of the speech engines; without them flite's `kal16`, which the program is linked with",
    input: Form("say", .required("TEXT"), help: "a text, synthesized and spoken once when the server is ready"))
  public static let nothing = AudioBackendCard(
    title: "nothing", needs: "nothing",
    input: Form("silence", help: "silence; what is typed or played is spoken into it"),
    output: Form("null", help: "nobody hears it, at the pace of a speaker"))
  public static let pipe = AudioBackendCard(
    title: "pipe", needs: "a pipe or a file on standard input",
    input: Form("stdin", help: "raw samples: 16-bit little-endian, mono, at the uplink's rate"))

  /// All of this program.
  public static let builtIn: [AudioBackendCard] = [.alsa, .file, .words, .nothing, .pipe]
}

extension [AudioBackendCard] {
  /// The way a text goes that stands after `--input` or `--output`, and what comes after the colon; nil when none has this
  /// form.
  public func choice(
    _ text: String, _ form: (AudioBackendCard) -> AudioBackendCard.Form?
  ) -> (word: String, argument: String?)? {
    for form in compactMap(form) {
      let (fits, argument) = form.read(text)
      if fits { return (form.word, argument) }
    }
    return nil
  }

  /// docs/audio.md, made from the cards. Checked in, and compared by a test, so that it is never out of date.
  public var document: String {
    var text = """
      # Where audio comes from and goes to

      Made from the cards in `Sources/Core/Audio/AudioBackendCard.swift`, as `--input` and `--output` of the command line and
      `input:` and `output:` of the configuration take them.

      | `--input` | | needs |
      |---|---|---|

      """
    func rows(_ form: (AudioBackendCard) -> AudioBackendCard.Form?) -> String {
      compactMap { card in form(card).map { "| `\($0.usage)` | \($0.help) | \(card.needs) |\n" } }.joined()
    }
    text += rows(\.input)
    text += "\n| `--output` | | needs |\n|---|---|---|\n"
    text += rows(\.output)
    return text + """

      ## How to add a backend

      1. A card in `AudioBackendCard`, and its name in `builtIn`: the word, what comes after the colon, help, needs.
      2. A target in `Sources/Drivers` if it needs a C library, else files in `Sources/Drivers/AudioDevices`: types that
         conform to `AudioInput` and `AudioOutput`. They have a thread of their own, which neither allocates nor locks.
      3. The row beside them: `extension AudioBackend { static let … }` with the card, how an input and an output are opened,
         and how its devices are listed, if it has any. Its name in `AudioBackend.builtIn` (`Sources/Runtime/Client`).
      4. This page anew: `SIDETONE_RECORD_GOLDEN=1 swift test --filter AudioBackendCardTests`.

      """
  }
}
