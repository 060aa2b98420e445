/// docs/findings.md, made from the table of rules.
public enum FindingsDocument {
  /// The whole file. Checked in, and compared by a test, so that it is never out of date.
  public static var markdown: String {
    var text = """
      # Findings

      What the linter looks for in a session's timeline, live and in a replay alike. Made from the table in
      `Sources/Core/Findings/FindingTable.swift`. A rule is silenced by its id in the configuration file:

      ```yaml
      findings: { silence: [final-without-interim, chunk-too-long] }
      ```

      | rule | severity | |
      |---|---|---|

      """
    for rule in FindingTable.all {
      text += "| [`\(rule.id)`](#\(rule.id)) | \(rule.severity.rawValue) | \(rule.title) |\n"
    }
    for rule in FindingTable.all {
      text += """

        ## \(rule.id)

        **\(rule.title)** (\(rule.severity.rawValue))

        \(rule.meaning)

        What to do: \(rule.remedy)

        """
    }
    return text
  }
}
