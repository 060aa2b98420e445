import Timeline

/// Decides what is told of a sound device that comes and goes: each trouble once, and its end when sound moves again, not
/// when the device could be opened.
///
///     open ──► lost ──► recovered ──► lost ...       what happens to a lost device until it moves is no news
///     failed ──► failed, for another reason ──► recovered
public struct DeviceNews: Sendable {
  private enum Told: Equatable {
    case nothing, open, lost
    case failed(String)
  }
  private var told = Told.nothing

  public init() {}

  /// It is in trouble, as told.
  public var isInTrouble: Bool {
    switch told {
    case .nothing, .open: false
    case .lost, .failed: true
    }
  }

  /// The device could be opened.
  /// - Returns: what is to be told; nil: nothing.
  public mutating func opened() -> DeviceChange.State? {
    guard told == .nothing else { return nil }
    told = .open
    return .open
  }

  /// The device that is open gives or takes samples.
  public mutating func moved() -> DeviceChange.State? {
    guard isInTrouble else { return nil }
    told = .open
    return .recovered
  }

  /// It could not be opened, stands still, or has ended.
  /// - Parameters:
  ///   - reason: in words.
  ///   - isFinal: it is not tried again.
  public mutating func troubled(by reason: String, isFinal: Bool = false) -> DeviceChange.State? {
    switch told {
    case .open where !isFinal:
      told = .lost
      return .lost
    case .lost where !isFinal: return nil
    case .failed(reason): return nil
    default:
      told = .failed(reason)
      return .failed
    }
  }
}
