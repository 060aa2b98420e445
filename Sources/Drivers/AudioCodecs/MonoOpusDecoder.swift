import COpus

/// libopus' decoder of packets, to mono.
final class MonoOpusDecoder {
  /// Why a packet is no audio, in libopus' words.
  struct Fault: Error {
    let reason: String
  }

  private let state: OpaquePointer
  private var buffer: [Int16]

  /// The rate that libopus decodes to: the wanted one where it has that, and its own elsewhere.
  static func rate(nearestTo wanted: Int) -> Int {
    [8_000, 12_000, 16_000, 24_000, 48_000].contains(wanted) ? wanted : 48_000
  }

  /// - Parameter rate: samples a second, one of libopus' own.
  /// - Returns: nil when libopus has no memory for it.
  init?(rate: Int) {
    guard let state = opus_decoder_create(Int32(rate), 1, nil) else { return nil }
    self.state = state
    // A packet lasts 120 ms at most.
    buffer = Array(repeating: 0, count: rate * 120 / 1_000)
  }

  deinit { opus_decoder_destroy(state) }

  func decode(_ packet: UnsafeBufferPointer<UInt8>) throws(Fault) -> ArraySlice<Int16> {
    let count = buffer.withUnsafeMutableBufferPointer {
      opus_decode(state, packet.baseAddress, Int32(packet.count), $0.baseAddress!, Int32($0.count), 0)
    }
    guard count >= 0 else { throw Fault(reason: String(cString: opus_strerror(count))) }
    return buffer.prefix(Int(count))
  }

  func decode(_ packet: [UInt8]) throws(Fault) -> ArraySlice<Int16> {
    try packet.withUnsafeBufferPointer { (bytes) throws(Fault) in try decode(bytes) }
  }
}
