import Audio
import COpus

/// An Ogg/Opus stream (RFC 7845): packets of 20 ms, those of a piece on a page of their own, so that a page can go as
/// soon as it is made. The first bytes are the two header pages.
final class OggOpusEncoder: AudioEncoder {
  /// What Opus needs before its first sample is right, in samples at 48 kHz: 2.5 ms of its own and 4 ms for voice.
  private static let preSkip = 312

  private let rate: Int
  private let encoder: SpeechEncoder
  private var stream = ogg_stream_state()
  private var waiting: [Int16] = []
  private var takenCount = 0
  private var packetCount = 0
  private var isBegun = false
  private var isFinished = false

  /// - Parameter rate: samples a second; Opus knows 8, 12, 16, 24 and 48 kHz.
  init?(rate: Int, _ settings: OpusSettings = OpusSettings(), serial: Int32 = .random(in: 1 ... .max)) {
    guard let encoder = SpeechEncoder(rate: rate, settings) else { return nil }
    self.encoder = encoder
    self.rate = rate
    ogg_stream_init(&stream, serial)
  }

  deinit { ogg_stream_clear(&stream) }

  private var samplesInPacket: Int { encoder.samplesInFrame }

  func encode(_ bytes: [UInt8]) -> [[UInt8]] {
    let samples = PCM16.samples(of: bytes)
    waiting += samples
    takenCount += samples.count
    let pages = isBegun || waiting.isEmpty ? [] : begin()
    var start = 0
    while waiting.count - start >= samplesInPacket {
      add(Array(waiting[start..<start + samplesInPacket]))
      start += samplesInPacket
    }
    waiting.removeFirst(start)
    return message(pages + endedPages())
  }

  /// Pads the last packet, and says where the stream ends: the decoder cuts the padding off.
  func finish() -> [[UInt8]] {
    guard isBegun, !isFinished else { return [] }
    isFinished = true
    // The decoder is so much behind: the last samples come out with the packet after them.
    let needed = takenCount + Self.preSkip * rate / 48_000
    repeat {
      let left = needed - packetCount * samplesInPacket
      let padding = max(0, samplesInPacket - waiting.count)
      let padded = Array(waiting.prefix(samplesInPacket)) + [Int16](repeating: 0, count: padding)
      add(padded, isLast: left <= samplesInPacket)
      waiting.removeFirst(min(waiting.count, samplesInPacket))
    } while needed > packetCount * samplesInPacket
    return message(endedPages())
  }

  private func message(_ bytes: [UInt8]) -> [[UInt8]] { bytes.isEmpty ? [] : [bytes] }

  private func begin() -> [UInt8] {
    isBegun = true
    let rateBytes = (0..<4).map { UInt8(truncatingIfNeeded: rate >> (8 * $0)) }
    var head = Array("OpusHead".utf8) + [1, 1, UInt8(Self.preSkip & 0xFF), UInt8(Self.preSkip >> 8)]
    head += rateBytes + [0, 0, 0]
    put(head, granule: 0, isFirst: true)
    let first = endedPages()
    let vendor = Array("sidetone".utf8)
    put(Array("OpusTags".utf8) + [UInt8(vendor.count), 0, 0, 0] + vendor + [0, 0, 0, 0], granule: 0)
    return first + endedPages()
  }

  private func add(_ samples: [Int16], isLast: Bool = false) {
    let packet = encoder.packet(of: samples)
    guard !packet.isEmpty else { return }
    packetCount += 1
    let end = isLast ? Self.preSkip + takenCount * 48_000 / rate : packetCount * 960
    put(packet, granule: end, isLast: isLast)
  }

  private func put(_ data: [UInt8], granule: Int, isFirst: Bool = false, isLast: Bool = false) {
    var data = data
    data.withUnsafeMutableBufferPointer {
      var packet = ogg_packet()
      packet.packet = $0.baseAddress
      packet.bytes = $0.count
      packet.b_o_s = isFirst ? 1 : 0
      packet.e_o_s = isLast ? 1 : 0
      packet.granulepos = ogg_int64_t(granule)
      packet.packetno = stream.packetno
      ogg_stream_packetin(&stream, &packet)
    }
  }

  private func endedPages() -> [UInt8] {
    var bytes: [UInt8] = []
    var page = ogg_page()
    while ogg_stream_flush(&stream, &page) != 0 {
      bytes += UnsafeBufferPointer(start: page.header, count: page.header_len)
      bytes += UnsafeBufferPointer(start: page.body, count: page.body_len)
    }
    return bytes
  }
}
