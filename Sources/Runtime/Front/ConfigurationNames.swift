import Console
import Speech
import Store

extension Configuration.Names {
  /// What the program's tables have rows for.
  public static var program: Configuration.Names {
    Configuration.Names(panes: Pane.allCases.map(\.title), languageModels: LanguageModelCard.names)
  }
}
