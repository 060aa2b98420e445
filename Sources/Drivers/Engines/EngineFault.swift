/// Why a speech engine cannot be used: what, and what to do.
public struct EngineFault: Error, Sendable, Equatable {
  public var reason: String
  public var remedy: String
  public init(reason: String, remedy: String) {
    self.reason = reason
    self.remedy = remedy
  }

  /// A file of an engine that cannot be used.
  public init(of file: String, reason: String) {
    self.init(reason: "\(file): \(reason)", remedy: Self.install)
  }

  /// What brings engines that are missing.
  public static let install = "sidetone engines install"

  /// Nothing says where the engines are.
  public static let noHome = EngineFault(
    reason: "there is no home to look for the speech engines in", remedy: "set HOME")

  static let wrongProcessor = EngineFault(
    reason: "there are no speech engines for this processor",
    remedy: "none is needed: PocketSphinx, sphinxbase and flite serve instead")
}
