import AudioDevices
import Console
import Engines
import Glibc
import SocketProtocol
import Speech
import SpeechServices
import Store
import Terminal
import WebSockets
import Wire

// Doctor: looks at the machine, then says what it saw.
//
//   drivers ──► facts ──► DoctorReport.Group (pure: DoctorReport+….swift) ──► text or JSON

/// Looks at everything that a session needs. Blocks for one to three seconds, most of it for a language model that is not
/// there, some of it for what lies between here and the speaker; makes no sound and leaves the terminal alone.
public enum Doctor {
  /// - Parameters:
  ///   - path: the configuration file; nil for the usual one.
  ///   - override: writes what the command line says into the configuration.
  public static func examine(
    configuration path: String?, overriding override: (inout Configuration) -> Void
  ) -> DoctorReport {
    let places = SettingsPlaces.standard()
    let read = Result { () throws(SettingsError) in
      try Configuration.read(path: path, places: places, names: .program)
    }
    var settings = (try? read.get()) ?? Configuration()
    override(&settings)
    let sound = AudioBackend.builtIn.compactMap { $0.survey?() }.map { survey in
      DoctorReport.Group.audio(devices: survey.devices, noCard: survey.noCard, path: survey.path)
    }
    let rest: [DoctorReport.Group] = [
      .terminal(
        .survey(depth: settings.colour?.wanted), .current(),
        DoctorReport.ScreenWish(
          depth: settings.colour?.wanted, glyphs: settings.glyphs?.wanted, mouse: settings.mouse ?? true),
        minimum: Console.minimumSize),
      speech(settings.server),
      .engines(
        EngineFolder.standard.map { EngineReport($0).rows }, path: EngineFolder.standard?.path,
        microphone: settings.microphoneDetector, SpeechModelLoader.sileroFault),
      languageModel(settings.llm),
    ]
    let others: [DoctorReport.Group] = [
      .settings(
        configuration: read, path: path ?? places.configuration,
        isThere: path != nil || places.configuration.map { access($0, F_OK) == 0 } ?? false,
        themes(ThemeStore(places), wanted: settings.theme), wanted: settings.theme,
        keys: KeyBindings(
          settings.keys, themes: ThemeStore(places).list().map(\.name), presets: settings.presets.map(\.name))),
      .dialects(DialectTable.builtIn.cards) { variable in getenv(variable).map { $0.pointee != 0 } ?? false },
      .network(certificates: TrustStore.find(), proxies: .current()),
    ]
    return DoctorReport(
      sound + rest + voiceService(settings.tts) + others + [recognition(settings)].compactMap(\.self))
  }

  private static func speech(_ server: Configuration.Server) -> DoctorReport.Group {
    let language = server.language ?? "en"
    return .speech(
      recognition: SpeechCheck.recognition(), domain: SpeechCheck.domainModel(), english: SpeechCheck.englishVoices(),
      // German stands for all of them where none is asked for.
      other: SpeechCheck.otherLanguage(language.isEnglish ? "de" : language), language: language,
      voice: server.voice, voices: SpeechCheck.englishVoiceNames)
  }

  /// Those that are found by name, and the one that is wanted, which may be a file elsewhere or nowhere.
  private static func themes(_ store: ThemeStore, wanted: String?) -> [(name: String, problem: String?)] {
    var names = store.list().map(\.name)
    if let wanted, !names.contains(wanted) { names.append(wanted) }
    return names.map { name in
      do throws(SettingsError) {
        _ = try store.load(name)
        return (name, nil)
      } catch {
        return (name, error.description)
      }
    }
  }

  /// Nil where this machine hears.
  private static func recognition(_ settings: Configuration) -> DoctorReport.Group? {
    guard let card = settings.stt.provider.flatMap(RecognitionServiceCard.named) else { return nil }
    let (question, key) = self.question(card, settings.stt)
    let answer: RecognitionServiceCheck.Answer
    do throws(ServiceAddress.Invalid) {
      var endpoint = try card.endpoint(
        address: question.address, model: settings.stt.model,
        language: settings.stt.language ?? settings.server.language ?? "en", apiKey: key)
      endpoint.address.keyVariable = question.key?.variable
      answer = RecognitionServiceCheck.ask(endpoint)
    } catch {
      answer = .fails(error.description)
    }
    return .recognition(question, answer: answer)
  }

  private static func languageModel(_ settings: Configuration.LanguageModel) -> DoctorReport.Group {
    guard let card = settings.provider.flatMap(LanguageModelCard.named) else { return .builtinLanguageModel }
    let (question, key) = self.question(card, settings)
    do throws(ServiceAddress.Invalid) {
      // Where its models are listed can be asked without knowing one.
      let endpoint = try card.endpoint(address: question.address, model: settings.model ?? "any", apiKey: key)
      return .languageModel(question, answer: LanguageModelCheck.ask(endpoint))
    } catch {
      return .languageModel(question, answer: .nothing(error.description))
    }
  }

  /// Nothing where this machine speaks: that was looked at already.
  private static func voiceService(_ settings: Configuration.Voice) -> [DoctorReport.Group] {
    guard let card = settings.provider.flatMap(VoiceServiceCard.named) else { return [] }
    let (question, key) = self.question(card, settings)
    do throws(ServiceAddress.Invalid) {
      let endpoint = try card.endpoint(
        address: question.address, voice: settings.voice, model: settings.model, apiKey: key)
      return [.voiceService(question, voice: endpoint.voice, answer: VoiceServiceCheck.ask(endpoint))]
    } catch {
      return [.voiceService(question, voice: settings.voice ?? "", answer: .nothing(error.description))]
    }
  }

  /// What a service is asked, and the key for it.
  private static func question<Card: ServiceCard>(
    _ card: Card, _ settings: some ServiceSettings
  ) -> (DoctorReport.ServiceQuestion<Card>, key: String?) {
    var question = DoctorReport.ServiceQuestion(
      card: card, model: settings.model, address: settings.url ?? card.usualAddress)
    var key: String?
    if let variable = card.keyVariable(named: settings.apiKeyEnvironment, at: settings.url) {
      key = getenv(variable).map { String(cString: $0) }
      question.key = (variable, isSet: key?.isEmpty == false)
    }
    return (question, key)
  }
}

extension String {
  /// Of a language's code: `en`, `en-US`.
  var isEnglish: Bool { isEmpty || lowercased().hasPrefix("en") }
}
