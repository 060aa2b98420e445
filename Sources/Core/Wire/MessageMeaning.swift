import Timeline

extension Message {
  /// The payload as it went over the link.
  public var wire: WireMessage { kind == .text ? .text(payload) : .binary(payload) }
}

/// What a message means in one dialect.
public final class KnownMeaning: MessageReading, @unchecked Sendable {
  // Sendable: constants of values.
  let dialect: String
  let reading: Reading

  /// - Parameter reading: what the dialect of that name makes of the message's payload as it is recorded.
  public init(_ reading: Reading, dialect: String) {
    self.dialect = dialect
    self.reading = reading
  }
}
