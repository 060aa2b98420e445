/// How speech becomes text. What each needs and how it is made stands in the table of recognizers in Drivers/Speech.
public enum RecognizerKind: String, Sendable, Hashable, CaseIterable {
  case moonshine, pocketsphinx
}

/// How it is found where speech begins and ends. What each needs and how it is made stands in the table of detectors in
/// Drivers/Speech.
public enum DetectorKind: String, Sendable, Hashable, CaseIterable {
  case silero, sphinx, energy
}
