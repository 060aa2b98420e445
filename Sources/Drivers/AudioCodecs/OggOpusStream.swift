import Audio
import COpus
import Glibc

/// An Ogg/Opus stream (RFC 7845), cut anywhere: libogg finds the pages, libopus decodes the packets, to mono and, where
/// Opus offers it, straight to the rate that is wanted.
///
/// A new first page (BOS) in the middle begins a new stream. The samples that the header tells to skip and those
/// past the last page's position are cut off.
final class OggOpusStream: StreamDecoder {
  let format: AudioFormat = .oggOpus
  /// The rate of what was encoded, if its header tells; Opus itself runs at 48 kHz.
  private(set) var sourceRate: Int?

  private let rate: Int
  private var sync = ogg_sync_state()
  private var packets: OggPackets?
  private var decoder: MonoOpusDecoder?
  private var head: OpusHead?
  /// Samples at `rate` still to be skipped.
  private var skip = 0
  /// The last page's position, in samples at 48 kHz.
  private var position: Int64 = 0
  private var tagsAreDue = false
  private var problems = ToldProblems()

  /// - Parameter outputRate: samples a second that are wanted.
  init(outputRate: Int) {
    rate = MonoOpusDecoder.rate(nearestTo: outputRate)
    ogg_sync_init(&sync)
  }

  deinit { ogg_sync_clear(&sync) }

  /// Forgets what is half read, as when messages were left out; a stream that was begun may go on.
  func resynchronise() {
    ogg_sync_reset(&sync)
    packets?.reset()
    skip = 0
    position = 0
  }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    guard let room = ogg_sync_buffer(&sync, bytes.count) else {
      problems.tell("libogg has no memory for a page", into: &audio)
      return .all
    }
    bytes.withUnsafeBytes { UnsafeMutableRawPointer(room).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    ogg_sync_wrote(&sync, bytes.count)
    var page = ogg_page()
    while true {
      let outcome = ogg_sync_pageout(&sync, &page)
      if outcome == 0 { return .all }
      if outcome < 0 {
        problems.tell("bytes in the stream belong to no Ogg page; they were left out", into: &audio)
      } else {
        decode(&page, into: &audio)
      }
    }
  }

  private func decode(_ page: inout ogg_page, into audio: inout DecodedAudio) {
    let serial = ogg_page_serialno(&page)
    if ogg_page_bos(&page) != 0 {
      guard begin(&page, serial, into: &audio) else { return }
    }
    guard let packets, packets.serial == serial else {
      // Another logical stream beside ours is none of our business, but having none is worth a word.
      if decoder == nil { problems.tell("an Ogg page without an Opus header before it", into: &audio) }
      return
    }
    guard packets.add(&page) else { return }
    var samples: [Int16] = []
    loop: while true {
      switch packets.next() {
      case .none: break loop
      case .gap: problems.tell("a gap in the Ogg stream", into: &audio)
      case .packet(let packet): decode(packet, to: &samples, into: &audio)
      }
    }
    let granule = ogg_page_granulepos(&page)
    if granule >= 0 {
      if ogg_page_eos(&page) != 0 {
        // A page holds at most 255 packets of 120 ms; a larger difference cuts nothing.
        let kept = Int(min(max(granule - position, 0), 48_000 * 60)) * rate / 48_000
        if kept < samples.count { samples.removeLast(samples.count - kept) }
      }
      position = granule
    }
    let skipped = min(skip, samples.count)
    skip -= skipped
    audio.append(Array(samples.dropFirst(skipped)), rate: rate)
  }

  /// A logical stream's first page: ours if it is Opus.
  private func begin(_ page: inout ogg_page, _ serial: Int32, into audio: inout DecodedAudio) -> Bool {
    let body = Array(UnsafeBufferPointer(start: page.body, count: page.body_len))
    guard let head = OpusHead(body) else {
      if decoder == nil {
        let name = body.starts(with: "\u{1}vorbis".utf8) ? "Vorbis" : "something other than Opus"
        problems.tell("the Ogg stream holds \(name); only Opus in Ogg can be played", into: &audio)
      }
      return false
    }
    guard head.mapping == 0, (1...2).contains(head.channels) else {
      problems.tell(
        "Opus with \(head.channels) channels, mapping \(head.mapping); mono and stereo can be played", into: &audio)
      return false
    }
    decoder = MonoOpusDecoder(rate: rate)
    guard decoder != nil else {
      problems.tell("libopus has no memory for a decoder", into: &audio)
      return false
    }
    packets = OggPackets(serial: serial)
    self.head = head
    sourceRate = head.inputRate > 0 ? head.inputRate : 48_000
    skip = head.preSkip * rate / 48_000
    position = 0
    tagsAreDue = true
    return true
  }

  private func decode(_ packet: UnsafeBufferPointer<UInt8>, to samples: inout [Int16], into audio: inout DecodedAudio) {
    guard let decoder, let head else { return }
    // The first two packets are headers, the second of them comments.
    if packet.starts(with: "OpusHead".utf8) { return }
    if tagsAreDue {
      tagsAreDue = false
      if packet.starts(with: "OpusTags".utf8) { return }
    }
    do throws(MonoOpusDecoder.Fault) {
      let decoded = try decoder.decode(packet)
      if head.gain == 1 {
        samples += decoded
      } else {
        samples += decoded.lazy.map { Int16(clamping: Int((Double($0) * head.gain).rounded())) }
      }
    } catch {
      problems.tell("an Opus packet of \(packet.count) bytes: \(error.reason)", into: &audio)
    }
  }
}

/// The identification header of RFC 7845, section 5.1.
struct OpusHead {
  let channels: Int
  /// Samples at 48 kHz to be skipped at the beginning.
  let preSkip: Int
  /// What was encoded, samples a second; 0 when not told.
  let inputRate: Int
  /// A factor.
  let gain: Double
  let mapping: Int

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 19, bytes.starts(with: "OpusHead".utf8), bytes[8] & 0xF0 == 0 else { return nil }
    channels = Int(bytes[9])
    preSkip = Int(bytes[10]) | Int(bytes[11]) << 8
    inputRate = (12..<16).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    let decibels = Double(Int16(bitPattern: UInt16(bytes[16]) | UInt16(bytes[17]) << 8)) / 256
    gain = decibels == 0 ? 1 : pow(10, decibels / 20)
    mapping = Int(bytes[18])
  }
}

/// The packets of one logical Ogg stream.
final class OggPackets {
  enum Next {
    case packet(UnsafeBufferPointer<UInt8>)
    case gap
    case none
  }

  /// A packet may go on over many pages, but not for ever.
  private static let maximumPacketByteCount = 1_048_576

  let serial: Int32
  private var state = ogg_stream_state()
  private var unfinishedByteCount = 0

  init(serial: Int32) {
    self.serial = serial
    ogg_stream_init(&state, serial)
  }

  deinit { ogg_stream_clear(&state) }

  func reset() {
    ogg_stream_reset_serialno(&state, serial)
    unfinishedByteCount = 0
  }

  /// Takes a page; false when it does not belong here.
  func add(_ page: inout ogg_page) -> Bool {
    unfinishedByteCount += page.body_len
    if unfinishedByteCount > OggPackets.maximumPacketByteCount { reset() }
    return ogg_stream_pagein(&state, &page) == 0
  }

  /// The bytes are valid until the next call.
  func next() -> Next {
    var packet = ogg_packet()
    switch ogg_stream_packetout(&state, &packet) {
    case 0: return .none
    case 1:
      unfinishedByteCount = 0
      return .packet(UnsafeBufferPointer(start: packet.packet, count: packet.bytes))
    default: return .gap
    }
  }
}
