import Capture

/// Whether a session is captured, where, and with what, after flags and configuration were merged.
public struct CaptureChoice: Sendable, Equatable {
  public enum Place: Sendable, Equatable {
    /// No capture is made.
    case nowhere
    /// One was wanted, and there is no folder for it.
    case homeless
    /// A file of this name. An earlier capture there is replaced.
    case file(String)
    /// A file with a name of its own in this folder, which is kept within the limits.
    case folder(String)
  }

  public var place: Place
  public var keepsAudio: Bool
  /// Of a folder.
  public var limits: CaptureRetention

  public init(_ place: Place = .nowhere, keepsAudio: Bool = true, limits: CaptureRetention = CaptureRetention()) {
    self.place = place
    self.keepsAudio = keepsAudio
    self.limits = limits
  }
}
