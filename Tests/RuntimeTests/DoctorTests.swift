import Engines
import Screen
import SocketProtocol
import Speech
import SpeechServices
import Store
import Testing

import Audio
import AudioDevices
@testable import Runtime
@testable import Terminal

@Suite struct DoctorReportTests {
  static let report = DoctorReport([
    .init(
      "Sound",
      [
        .init(.here, "mic:default", "what --input mic and --output speaker use"),
        .init(.absent, "speaker:x", "in use by another program", remedy: "close that program, or give --output null"),
      ]),
    .init("Empty", []),
    .init("Speech", [.init(.missing, "recognition", "cannot read a file", remedy: "apt-get install it")]),
  ])

  @Test func isAlignedUnderItsNames() {
    #expect(
      Self.report.text(.init(width: 50)) == """
        Sound
          ✓ mic:default  what --input mic and --output
                         speaker use
          – speaker:x    in use by another program
                         → close that program, or give
                           --output null

        Speech
          ✗ recognition  cannot read a file
                         → apt-get install it

        A session cannot run: 1 thing is missing, see ✗ above.

        """)
  }

  @Test func isASCIIWhereNothingElseCanBeShown() {
    let report = DoctorReport([
      .init("Spräche", [.init(.missing, "a", "120×40 … é", remedy: "do")]), .init("B", [.init(.absent, "b", "–")]),
    ])
    let text = report.text(.init(usesUnicode: false))
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(text.contains("x a  120x40 ... ?") && text.contains("-> do") && text.contains("- b  -"))
  }

  @Test func isColouredOnlyWhenAsked() {
    #expect(!Self.report.text(.init()).contains("\u{1B}"))
    let colored = Self.report.text(.init(width: 50, usesColor: true))
    #expect(colored.contains("\u{1B}[32m✓\u{1B}[0m mic:default  what"))
    #expect(colored.contains("\u{1B}[31m✗\u{1B}[0m recognition"))
  }

  @Test func aNameOfADeviceCannotWriteToTheTerminal() {
    let report = DoctorReport([.init("Sound", [.init(.absent, "mic:\u{1B}[2J", "a\u{7}b\nc", remedy: "\u{9B}1m")])])
    let text = report.text(.init())
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
  }

  @Test(arguments: [40, 41, 60, 100, 200]) func fitsItsWidth(_ width: Int) {
    let long = String(repeating: "word ", count: 40)
    let report = DoctorReport([
      .init("Sound", [.init(.here, String(repeating: "n", count: 50), long, remedy: long), .init(.here, "b", long)])
    ])
    let lines = report.text(.init(width: width)).split(separator: "\n")
    // A name cannot be broken; it stands alone.
    #expect(lines.allSatisfy { $0.contains("nnn") || CharacterWidth.columns(of: String($0)) <= width })
  }

  @Test func onlyWhatIsNeededStopsASession() {
    #expect(!Self.report.canRun)
    #expect(DoctorReport([.init("Sound", [.init(.absent, "a", "b"), .init(.here, "c", "d")])]).canRun)
  }
}

@Suite struct DoctorFindingTests {
  func rows(_ group: DoctorReport.Group) -> [String] { group.rows.map { "\($0.mark.rawValue) \($0.name): \($0.text)" } }

  @Test func aMachineWithoutASoundCardSaysSoOnce() {
    let group = DoctorReport.Group.audio(
      devices: [
        .init(name: "default", text: "", role: .mic, state: .unusable(text: "none", remedy: "type")),
        .init(name: "default", text: "", role: .speaker, state: .unusable(text: "none", remedy: "null")),
        .init(name: "pulse", text: "PulseAudio", role: .speaker, state: .notTried),
      ], noCard: ("no sound card", "type"))
    #expect(rows(group) == ["absent sound card: no sound card", "absent speaker:pulse: PulseAudio; not tried"])
    #expect(DoctorReport([group]).canRun)
  }

  @Test func eachDeviceIsUsableOrSaysWhyNot() {
    let group = DoctorReport.Group.audio(
      devices: [
        .init(name: "plughw:0,0", text: "Headset", role: .mic, state: .usable),
        .init(name: "plughw:0,0", text: "Headset", role: .speaker, state: .unusable(text: "busy", remedy: "close it")),
      ], noCard: nil)
    #expect(rows(group) == ["here mic:plughw:0,0: Headset", "absent speaker:plughw:0,0: busy"])
    #expect(group.rows[1].remedy == "close it")
  }

  @Test func theSoundServerIsNamedWithItsLatency() {
    func row(_ server: String?, _ latencyMs: Double?) -> DoctorReport.Row {
      let usable = AudioDevice(name: "default", text: "all", role: .speaker, state: .usable)
      let group = DoctorReport.Group.audio(
        devices: [usable], noCard: ("no sound card", "type"), path: .init(server: server, latencyMs: latencyMs))
      // What plays elsewhere needs no card here.
      #expect(group.rows.map(\.name) == ["sound server", "speaker:default"])
      return group.rows[0]
    }
    #expect(row("PulseAudio", 51.6).text == "PulseAudio; 52 ms from here to the speaker, our own buffer included")
    #expect(row("PipeWire", 45).mark == .here && row("PipeWire", 45).remedy == nil)
    #expect(row(nil, 40).text.hasPrefix("none: ALSA goes to the device itself; 40 ms"))
    #expect(row("PipeWire", 250).text.hasSuffix("an interrupt is heard so much later"))
    #expect(row("PipeWire", 250).mark == .here && row("PipeWire", 250).remedy != nil)
    #expect(row("PulseAudio", nil).mark == .absent)
    #expect(row("PulseAudio", nil).remedy == "see whether its sink is suspended (pactl list short sinks)")
    #expect(row(nil, nil).mark == .absent)
  }

  static let abilities = TerminalAbilities(
    term: "xterm-256color", depth: .direct, described: .indexed, canItalic: true, canDim: true, utf8: true,
    reportsMouse: true,
    glyphs: .braille)

  func terminal(
    _ abilities: Result<TerminalAbilities, TerminalError>, size: Size? = Size(width: 120, height: 40),
    noColor: Bool = false, isRemote: Bool = false, _ wish: DoctorReport.ScreenWish = .init()
  ) -> DoctorReport.Group {
    .terminal(
      TerminalSurvey(size: size, abilities: abilities),
      TerminalEnvironment(term: "x", noColor: noColor, isTmux: isRemote, isRemote: isRemote), wish,
      minimum: Size(width: 60, height: 16))
  }

  @Test func aGoodTerminalHasEverything() {
    let group = terminal(.success(Self.abilities))
    #expect(group.rows.allSatisfy { $0.mark == .here && $0.remedy == nil })
    #expect(rows(group).contains("here characters: UTF-8, drawn with braille"))
    #expect(rows(group).contains("here colours: 16 million, as COLORTERM says"))
  }

  @Test func aPoorTerminalIsToldWhatToDo() {
    var abilities = Self.abilities
    (abilities.depth, abilities.utf8, abilities.reportsMouse) = (.mono, false, false)
    let poor = terminal(.success(abilities), size: Size(width: 40, height: 10))
    #expect(
      poor.rows.filter { $0.mark == .absent }.map(\.name) == ["size", "colours", "characters", "mouse", "paste, focus"])
    #expect(poor.rows.first { $0.name == "size" }?.remedy?.contains("60×16") == true)
    let quiet = terminal(.success(abilities), noColor: true)
    #expect(quiet.rows.first { $0.name == "colours" }?.remedy == "unset NO_COLOR")
  }

  @Test func theFallbackInForceIsNamedWithItsRemedy() {
    func row(_ name: String, _ group: DoctorReport.Group) -> DoctorReport.Row? { group.rows.first { $0.name == name } }
    var abilities = Self.abilities
    (abilities.depth, abilities.described) = (.indexed, .indexed)
    let remote = terminal(.success(abilities), isRemote: true)
    #expect(row("TERM", remote)?.text == "xterm-256color, in tmux, over ssh")
    #expect(row("colours", remote)?.text.contains("ssh does not carry COLORTERM") == true)
    #expect(row("colours", remote)?.remedy?.contains("--colour truecolour") == true)
    (abilities.depth, abilities.described, abilities.glyphs) = (.eight, .eight, .blocks)
    (abilities.canItalic, abilities.canDim) = (false, false)
    let console = terminal(.success(abilities))
    #expect(row("colours", console)?.remedy?.contains("TERM=xterm-256color") == true)
    #expect(row("characters", console)?.remedy?.contains("--glyphs braille") == true)
    #expect(row("type", console)?.text.hasPrefix("no italics, no faint text") == true)
    abilities.depth = .sixteen
    let asked = terminal(.success(abilities), .init(depth: .sixteen, glyphs: .ascii, mouse: false))
    #expect(row("colours", asked)?.text == "16, as asked; TERM says 8")
    #expect(row("characters", asked)?.text == "UTF-8, drawn with ascii, as asked")
    #expect(row("mouse", asked)?.remedy?.contains("--mouse") == true)
  }

  @Test func anUnknownTerminalMattersOnlyWhereThereIsOne() {
    #expect(!DoctorReport([terminal(.failure(.unknownTerm("x")))]).canRun)
    #expect(DoctorReport([terminal(.failure(.termUnset), size: nil)]).canRun)
  }

  func speech(language: String = "en", voice: String? = nil, other: SpeechCheck.Outcome) -> DoctorReport.Group {
    .speech(
      recognition: .works("a"), domain: .works("b"), english: .works("c"), other: other, language: language,
      voice: voice, voices: ["slt", "rms"])
  }

  @Test func espeakIsNeededOnlyForOtherLanguages() {
    let gone = SpeechCheck.Outcome.fails(reason: "no espeak-ng", remedy: "install it")
    #expect(DoctorReport([speech(other: gone)]).canRun)
    #expect(!DoctorReport([speech(language: "de", other: gone)]).canRun)
    #expect(DoctorReport([speech(language: "de", voice: "anna", other: .works(""))]).canRun)
    #expect(!DoctorReport([speech(voice: "anna", other: .works(""))]).canRun)
  }

  @Test func speechEnginesAreNotNeededAndEachSaysWhatServesInstead() {
    let table = EnginePackage.table
    let here = DoctorReport.Group.engines(
      table.map { .init(package: $0, state: .installed) }, path: "/engines", microphone: nil, nil)
    #expect(here.rows.map(\.mark) == [.here, .here, .here, .here] && here.title.contains("/engines"))
    let states: [EngineFolder.State] = [.damaged(["a.so: has 3 bytes, not 4", "b is missing"]), .installed, .missing]
    let lacking = zip(table, states).map { EngineReport.Row(package: $0, state: $1, lacks: $0.runsOn) }
    let fault = EngineFault(reason: "silero is damaged", remedy: "sidetone engines install")
    let group = DoctorReport.Group.engines(lacking, path: "/engines", microphone: nil, fault)
    #expect(group.rows.map(\.mark) == [.absent, .absent, .absent, .absent] && DoctorReport([group]).canRun)
    #expect(group.rows[0].text == "damaged: a.so: has 3 bytes, not 4; b is missing; PocketSphinx recognises instead")
    #expect(group.rows[1].text.hasPrefix("silero-vad 6.2.3 is here, but not moonshine-voice, which runs it"))
    #expect(group.rows[2].text == "missing: flite speaks instead")
    #expect(group.rows.allSatisfy { $0.remedy == "sidetone engines install" })
    let homeless = DoctorReport.Group.engines(nil, path: nil, microphone: nil, .noHome)
    #expect(homeless.rows.map(\.mark) == [.absent] && DoctorReport([homeless]).canRun)
  }

  @Test func whatTellsWhenTheUserSpeaksIsNamed() {
    let fault = EngineFault(reason: "silero is damaged", remedy: "sidetone engines install")
    func row(_ detector: MicrophoneDetectorKind?, _ fault: EngineFault?) -> DoctorReport.Row? {
      DoctorReport.Group.engines([], path: "/engines", microphone: detector, fault).rows.last
    }
    #expect(row(nil, nil) == .init(.here, "microphone", "Silero tells when you speak"))
    #expect(row(.energy, fault) == .init(.here, "microphone", "energy tells when you speak, as chosen"))
    let energy = "energy tells when you speak: silero is damaged"
    #expect(row(nil, fault) == .init(.absent, "microphone", energy, remedy: fault.remedy))
    // What was named and is not there ends a session at its start.
    #expect(row(.silero, fault)?.mark == .missing)
  }

  @Test func aServiceThatHearsIsReachableAndHasItsKey() {
    var question = DoctorReport.ServiceQuestion(
      card: RecognitionServiceCard.deepgram, address: "wss://api.deepgram.com", key: ("KEY", isSet: true))
    let good = DoctorReport.Group.recognition(question, answer: .here)
    #expect(DoctorReport([good]).canRun && good.title == "Speech recognition: Deepgram")
    question.key?.isSet = false
    let refused = DoctorReport.Group.recognition(question, answer: .refusesKey("HTTP 401"))
    #expect(refused.rows.map(\.mark) == [.absent, .missing] && refused.rows[0].remedy?.contains("KEY") == true)
    let local = DoctorReport.Group.recognition(
      .init(card: .vosk, address: "ws://h"), answer: .fails("nobody listens there"))
    #expect(local.rows.count == 1 && local.rows[0].remedy?.hasPrefix("start it with `docker") == true)
    // This machine hears until somebody is there.
    #expect(DoctorReport([local]).canRun)
  }

  typealias Question = DoctorReport.LanguageModelQuestion

  @Test func aLanguageModelIsReachableNamedAndHasItsKey() {
    var question = Question(card: .ollama, model: "llama3.2", address: "http://a")
    let names = ["llama3.2:latest", "b"]
    #expect(DoctorReport([.languageModel(question, answer: .models(names))]).canRun)
    question.model = "gemma"
    let gone = DoctorReport.Group.languageModel(question, answer: .models(names))
    #expect(gone.rows.last?.remedy == "ollama pull gemma" && !DoctorReport([gone]).canRun)
    question.model = nil
    #expect(!DoctorReport([.languageModel(question, answer: .models([]))]).canRun)
    #expect(!DoctorReport([.languageModel(question, answer: .nothing("nobody listens"))]).canRun)

    question = Question(card: .openAI, model: "m", address: "https://a", key: ("KEY", isSet: true))
    #expect(DoctorReport([.languageModel(question, answer: .status(404))]).canRun)
    #expect(DoctorReport([.languageModel(question, answer: .models(["other"]))]).canRun)
    let refused = DoctorReport.Group.languageModel(question, answer: .status(401))
    #expect(refused.rows.first?.remedy == "put the right key into KEY" && !DoctorReport([refused]).canRun)
    question.key?.isSet = false
    #expect(!DoctorReport([.languageModel(question, answer: .status(200))]).canRun)
  }

  /// Without the service a voice of this machine speaks; without a key that is needed the program does not begin.
  @Test func aServiceThatSpeaksIsReachableKnowsItsVoiceAndHasItsKey() {
    func group(_ question: DoctorReport.VoiceQuestion, _ answer: VoiceServiceCheck.Answer) -> DoctorReport.Group {
      .voiceService(question, voice: "anna", answer: answer)
    }
    var question = DoctorReport.VoiceQuestion(
      card: .elevenLabs, address: "https://a", key: ("ELEVENLABS_API_KEY", isSet: true))
    let list = VoiceServiceList(voices: ["anna"], models: nil, remark: "Anna")
    #expect(
      rows(group(question, .lists(list))) == [
        "here address: https://a answers", "here voice: anna, Anna",
        "here model: eleven_flash_v2_5, not looked up", "here key: ELEVENLABS_API_KEY is set",
      ])
    let noVoice = group(question, .noVoice)
    #expect(noVoice.rows[1].mark == .absent && noVoice.rows[1].remedy == "name another one by --tts-voice")
    let refused = group(question, .status(401, said: "no permission"))
    #expect(refused.rows[0].text.hasSuffix("(HTTP 401): no permission"))
    #expect(refused.rows[0].remedy == "put the right key into ELEVENLABS_API_KEY")
    for answer: VoiceServiceCheck.Answer in [.nothing("no such host"), .status(500, said: nil)] {
      #expect(DoctorReport([group(question, answer), noVoice, refused]).canRun)
    }
    question.key?.isSet = false
    #expect(!DoctorReport([group(question, .lists(list))]).canRun)

    question = DoctorReport.VoiceQuestion(
      card: .openAI, model: "kokoro", address: "http://b", key: ("KEY", isSet: false))
    let models = group(question, .lists(VoiceServiceList(voices: nil, models: ["tts-1"])))
    #expect(DoctorReport([models]).canRun && models.rows.map(\.mark) == [.here, .here, .absent, .absent])
  }

  @Test func aFaultInSettingsStopsASessionThatUsesThem() {
    func settings(_ configuration: Result<Configuration, SettingsError>, wanted: String? = nil) -> DoctorReport.Group {
      .settings(
        configuration: configuration, path: "config.yaml", isThere: true, [("light", nil), ("bad", "bad.yaml:3: odd")],
        wanted: wanted, keys: KeyBindings([], themes: [], presets: []))
    }
    let good = settings(.success(Configuration()))
    #expect(
      rows(good) == ["here configuration: config.yaml", "here themes: light", "absent theme: bad.yaml:3: odd"])
    #expect(DoctorReport([good]).canRun)
    #expect(!DoctorReport([settings(.success(Configuration()), wanted: "bad")]).canRun)
    #expect(!DoctorReport([settings(.failure(SettingsError(path: "config.yaml", reason: "odd")))]).canRun)
  }

  @Test func certificatesAreForSecureConnectionsOnly() {
    #expect(DoctorReport.Group.network(certificates: "here").rows[0].mark == .here)
    #expect(DoctorReport.Group.network(certificates: "here").rows[1].text == "none: every connection is direct")
    let proxies = DoctorReport.Group.network(
      certificates: "here",
      proxies: ProxySettings(environment: [
        "HTTPS_PROXY": "http://me:secret@proxy.example:3128", "http_proxy": "socks4://h", "no_proxy": "localhost,.lan",
      ])
    ).rows
    #expect(proxies[1].text == "wss:// goes through http://…@proxy.example:3128 (HTTPS_PROXY)")
    #expect(proxies[2].mark == .absent && proxies[2].text.contains("socks4 proxies are not spoken here"))
    #expect(proxies[3].text == "not for localhost,.lan (no_proxy)")
    let none = DoctorReport.Group.network(certificates: nil)
    #expect(none.rows[0].mark == .absent && none.rows[0].remedy?.contains("ca-certificates") == true)
  }
}
