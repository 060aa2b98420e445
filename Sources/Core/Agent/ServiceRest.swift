import Timeline

/// When a service that has failed is asked again: until then what stands in for it is asked at once, so that an outage
/// costs one wait and not one for each turn.
public struct ServiceRest: Sendable, Equatable {
  /// How long it is left alone. Most outages of a service last minutes, and a key that was refused stays refused.
  public static let length: Duration = .seconds(30)

  private var until: Timestamp?

  public init() {}

  public mutating func failed(at now: Timestamp) { until = now + Self.length }
  public mutating func worked() { until = nil }
  public func isOn(at now: Timestamp) -> Bool { until.map { now < $0 } ?? false }
}
