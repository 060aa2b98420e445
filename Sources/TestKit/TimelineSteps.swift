import Timeline

extension ConnectionChange.Step {
  /// The step that leads to a state, with what tests seldom care about left empty.
  public static func to(_ state: ConnectionChange.State, code: Int? = nil, by: Closer? = nil) -> Self {
    switch state {
    case .connecting: .connecting
    case .open: .open()
    case .ready: .ready()
    case .closing: .closing(code: code ?? 1000)
    case .closed: .closed(code: code ?? 1006, by: by)
    case .failed: .failed(reason: "", by: by)
    case .waiting: .waiting(delayMs: 0)
    case .gaveUp: .gaveUp(reason: "")
    }
  }
}

/// What a step tells, for tests that look at one field of many changes; nil where the step does not tell it.
extension ConnectionChange {
  public var stages: [ConnectStage]? { if case .open(let stages, _) = step { stages } else { nil } }
  public var subprotocol: String? { if case .open(_, let subprotocol) = step { subprotocol } else { nil } }
  public var sessionID: String? { if case .ready(let sessionID, _) = step { sessionID } else { nil } }
  public var resumed: Bool? { if case .ready(_, let resumed) = step { resumed } else { nil } }
  public var delayMs: Double? { if case .waiting(let delayMs) = step { delayMs } else { nil } }
}

extension PlayoutChange {
  public var rate: Int? { if case .format(_, let rate) = step { rate } else { nil } }
  public var text: String? { if case .undecodable(let text, _) = step { text } else { nil } }
  public var decodedMs: Double? { if case .decoded(let ms) = step { ms } else { nil } }
}
