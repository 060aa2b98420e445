import Timeline

/// How fast audio flows: milliseconds of audio for each millisecond that passes.
///
/// Measured over one unbroken flow, from its first piece to its last: of the last piece nothing is known but that it came.
public struct FlowRate: Sendable, Equatable {
  private var first: Timestamp?
  private var last: Timestamp?
  private var lastMs = 0.0
  /// Audio of the flow before its last piece, in milliseconds.
  private var beforeLastMs = 0.0

  public init() {}

  /// A piece of audio passed.
  /// - Parameter breakMs: a pause longer by this than the last piece begins a new flow.
  mutating func passed(_ ms: Double, at now: Timestamp, breakMs: Double = .infinity) {
    if let last, (now - last).milliseconds > lastMs + breakMs { self = FlowRate() }
    if first == nil { first = now } else { beforeLastMs += lastMs }
    lastMs = ms
    last = now
  }

  /// 1 is real time, 2 twice as fast as it is heard; nil while less than 100 ms have passed.
  public var factor: Double? {
    guard let first, let last else { return nil }
    let passed = (last - first).milliseconds
    return passed < 100 ? nil : beforeLastMs / passed
  }
}
