import Audio

/// A WAV, whole or streamed, and what may follow it: more chunks, another WAV, or, against its header, more samples.
///
///     header ──► payload ──► after ──┬─► a known chunk: skipped
///                   ▲                ├─► RIFF or OggS: another stream
///                   └────────────────┴─► anything else: the header's size was wrong
final class WAVStream: StreamDecoder {
  let format: AudioFormat = .wav
  var sourceRate: Int? { header?.rate }

  private enum State {
    case header
    /// Bytes that are left; nil until the stream ends.
    case payload(left: Int?)
    case after
    case skipping(left: Int)
    case unplayable
  }

  private var state = State.header
  private var header: WAV.Header?
  /// An unfinished header, frame, or chunk head.
  private var held: [UInt8] = []

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    var rest = bytes
    while !rest.isEmpty {
      switch state {
      case .header: readHeader(&rest, into: &audio)
      case .payload(let left): readPayload(&rest, left, into: &audio)
      case .after:
        if isAtNextStream(&rest, into: &audio) {
          return .ended(held: held, consumed: bytes.count - rest.count)
        }
      case .skipping(let left):
        let taken = min(left, rest.count)
        rest = rest.dropFirst(taken)
        state = left == taken ? .after : .skipping(left: left - taken)
      case .unplayable: rest = []
      }
    }
    return .all
  }

  private func readHeader(_ rest: inout ArraySlice<UInt8>, into audio: inout DecodedAudio) {
    held += rest
    switch WAV.parse(held) {
    case .needMoreBytes: rest = []
    case .invalid(let why):
      audio.report(why)
      held = []
      state = .unplayable
    case .header(let header):
      // Up to here every byte was needed, so the payload begins within these.
      rest = rest.suffix(held.count - header.dataOffset)
      held = []
      self.header = header
      state = .payload(left: header.dataByteCount)
    }
  }

  private func readPayload(_ rest: inout ArraySlice<UInt8>, _ left: Int?, into audio: inout DecodedAudio) {
    guard let header else { return }
    let taken = rest.prefix(left ?? rest.count)
    rest = rest.dropFirst(taken.count)
    let payload = held.isEmpty ? taken : (held + taken)[...]
    audio.append(WAV.monoSamples(of: payload, header: header), rate: header.rate)
    held = Array(payload.suffix(payload.count % header.frameByteCount))
    guard let left else { return }
    state = .payload(left: left - taken.count)
    if left == taken.count {
      held = []
      let padding = (header.dataByteCount ?? 0) & 1
      state = padding == 0 ? .after : .skipping(left: padding)
    }
  }

  /// Chunks that programs put behind the payload.
  private static let laterChunks: Set<String> = [
    "LIST", "id3 ", "ID3 ", "bext", "cue ", "smpl", "fact", "PEAK", "iXML", "JUNK", "inst", "plst", "DISP", "PAD ",
  ]

  /// Collects the 12 bytes that tell what comes after the payload.
  private func isAtNextStream(_ rest: inout ArraySlice<UInt8>, into audio: inout DecodedAudio) -> Bool {
    let taken = rest.prefix(12 - held.count)
    held += taken
    rest = rest.dropFirst(taken.count)
    if AudioSniffer.beginsContainer(held) { return true }
    if WAVStream.laterChunks.contains(String(decoding: held.prefix(4), as: UTF8.self)) {
      guard held.count >= 8 else { return false }
      let size = held[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      // The four bytes behind the chunk's head may already be its body, or the next chunk's head.
      let body = held.dropFirst(8)
      let skipped = min(body.count, size + size & 1)
      held = Array(body.dropFirst(skipped))
      let left = size + size & 1 - skipped
      if left > 0 { state = .skipping(left: left) }
      return false
    }
    guard held.count == 12 else { return false }
    audio.report("audio goes on past the size in the WAV's header; it is played as more of the same")
    var more = held[...]
    held = []
    state = .payload(left: nil)
    readPayload(&more, nil, into: &audio)
    return false
  }
}
