import Console
import Speech
import SpeechServices
import Store

extension Configuration.Names {
  /// What the program's tables have rows for.
  public static var program: Configuration.Names {
    Configuration.Names(
      panes: Pane.allCases.map(\.title), languageModels: LanguageModelCard.names,
      voices: VoiceServiceCard.names, recognizers: RecognitionServiceCard.names)
  }
}
