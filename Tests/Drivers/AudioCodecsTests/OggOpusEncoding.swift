import COpus

/// Ogg/Opus streams made at test time: 20 ms packets, a few of them on a page, as RFC 7845 wants it.
enum OggOpusEncoding {
  /// - Parameters:
  ///   - rate: 16 000, 24 000 or 48 000 samples a second of the input.
  ///   - channels: 1 or 2; a stereo stream carries the samples on the left and silence on the right.
  ///   - gainDB: the header's output gain.
  static func stream(
    _ samples: [Int16], rate: Int, channels: Int = 1, serial: Int32 = 77, packetsOnPage: Int = 5, gainDB: Double = 0
  ) -> [UInt8] {
    let encoder = opus_encoder_create(Int32(rate), Int32(channels), OPUS_APPLICATION_VOIP, nil)!
    defer { opus_encoder_destroy(encoder) }
    var muxer = Muxer(serial: serial)
    let preSkip = 312
    let gain = UInt16(bitPattern: Int16(gainDB * 256))
    let rateBytes = (0..<4).map { UInt8(truncatingIfNeeded: rate >> (8 * $0)) }
    var head = Array("OpusHead".utf8) + [1, UInt8(channels), UInt8(preSkip & 0xFF), UInt8(preSkip >> 8)]
    head += rateBytes + [UInt8(gain & 0xFF), UInt8(gain >> 8), 0]
    muxer.add(head, granule: 0, isFirst: true)
    muxer.endPage()
    muxer.add(Array("OpusTags".utf8) + [4, 0, 0, 0] + Array("test".utf8) + [0, 0, 0, 0], granule: 0)
    muxer.endPage()

    let frame = rate / 50
    // The encoder's delay pushes the last samples into a further packet.
    let packetCount = (samples.count + preSkip * rate / 48_000 + frame - 1) / frame
    var packet = [UInt8](repeating: 0, count: 4_000)
    for i in 0..<packetCount {
      let part = (i * frame..<(i + 1) * frame).map { $0 < samples.count ? samples[$0] : 0 }
      let input = channels == 1 ? part : part.flatMap { [$0, 0] }
      let size = opus_encode(encoder, input, Int32(frame), &packet, Int32(packet.count))
      let isLast = i == packetCount - 1
      let granule = isLast ? preSkip + samples.count * 48_000 / rate : (i + 1) * 960
      muxer.add(Array(packet.prefix(Int(size))), granule: granule, isLast: isLast)
      if (i + 1) % packetsOnPage == 0 || isLast { muxer.endPage() }
    }
    return muxer.bytes
  }

  /// The packets alone, 20 ms each. Of two channels the second is silent.
  static func packets(_ samples: [Int16], rate: Int, channels: Int = 1) -> [[UInt8]] {
    let encoder = opus_encoder_create(Int32(rate), Int32(channels), OPUS_APPLICATION_VOIP, nil)!
    defer { opus_encoder_destroy(encoder) }
    let frame = rate / 50
    var packet = [UInt8](repeating: 0, count: 4_000)
    return stride(from: 0, to: samples.count / frame * frame, by: frame).map { start in
      let part = Array(samples[start..<start + frame])
      let input = channels == 1 ? part : part.flatMap { [$0, 0] }
      let size = opus_encode(encoder, input, Int32(frame), &packet, Int32(packet.count))
      return Array(packet.prefix(Int(size)))
    }
  }

  private struct Muxer {
    private var state = ogg_stream_state()
    private var number: ogg_int64_t = 0
    private(set) var bytes: [UInt8] = []

    init(serial: Int32) { ogg_stream_init(&state, serial) }

    mutating func add(_ data: [UInt8], granule: Int, isFirst: Bool = false, isLast: Bool = false) {
      var data = data
      data.withUnsafeMutableBufferPointer {
        var packet = ogg_packet()
        packet.packet = $0.baseAddress
        packet.bytes = $0.count
        packet.b_o_s = isFirst ? 1 : 0
        packet.e_o_s = isLast ? 1 : 0
        packet.granulepos = ogg_int64_t(granule)
        packet.packetno = number
        ogg_stream_packetin(&state, &packet)
      }
      number += 1
    }

    mutating func endPage() {
      var page = ogg_page()
      while ogg_stream_flush(&state, &page) != 0 {
        bytes += UnsafeBufferPointer(start: page.header, count: page.header_len)
        bytes += UnsafeBufferPointer(start: page.body, count: page.body_len)
      }
    }
  }
}
