/// Takes the Opus packets out of a WebM stream (RFC 8794, RFC 9559), as a browser's `MediaRecorder` makes it: the header comes
/// once, what follows goes on with it, and all of it may be cut at any byte.
///
/// A value: feed it the bytes in order. It reads no further than it must: lengths of the elements around the packets are not
/// needed, so that a recording that goes on, whose segment and clusters have none, is read like one that has ended. What it
/// keeps is bounded by `longestElement`.
public struct WebMReader: Sendable {
  /// What the bytes hold.
  public enum Piece: Sendable, Equatable {
    /// A track of Opus begins, which is the one that is read. `head`: its `OpusHead` (RFC 7845, section 5.1); empty where it
    /// has none.
    case track(head: [UInt8])
    /// The next packet of that track.
    case packet([UInt8])
    /// What cannot be read, in words. Reading goes on behind it, where it can.
    case problem(String)
  }

  /// Bytes of an element that is read whole; a longer one is left out. 120 ms of Opus have 61 440 at most.
  public static let longestElement = 65_536
  /// Tracks that are looked at.
  private static let trackLimit = 16

  private struct Track: Sendable {
    var number = 0
    var codec = ""
    var head: [UInt8] = []
  }

  /// Bytes that are not whole yet: a beginning of an element's name and size, or an element that is wanted.
  private var held: [UInt8] = []
  /// The element whose bytes come; nil: a name and a size come.
  private var element: (id: UInt32, size: Int)?
  /// Bytes that belong to nothing that is wanted.
  private var skipped = 0
  private var tracks: [Track] = []
  /// The track that is read.
  private var chosen: Int?
  private var isLost = false

  public init() {}

  /// Takes the next bytes of the stream.
  public mutating func read(_ bytes: some RandomAccessCollection<UInt8>) -> [Piece] {
    var pieces: [Piece] = []
    var rest = Array(bytes)[...]
    while !rest.isEmpty, !isLost {
      if skipped > 0 {
        let count = min(skipped, rest.count)
        rest = rest.dropFirst(count)
        skipped -= count
      } else if let (id, size) = element {
        let taken = rest.prefix(size - held.count)
        held += taken
        rest = rest.dropFirst(taken.count)
        if held.count == size { finish(id, &pieces) }
      } else {
        // One by one: a name and a size have twelve bytes at most.
        held.append(rest.removeFirst())
        beginElement(&pieces)
      }
    }
    return pieces
  }

  // MARK: Elements

  private enum ID {
    static let header: UInt32 = 0x1A45_DFA3
    static let trackEntry: UInt32 = 0xAE
    static let trackNumber: UInt32 = 0xD7
    static let codec: UInt32 = 0x86
    static let codecPrivate: UInt32 = 0x63A2
    static let simpleBlock: UInt32 = 0xA3
    static let block: UInt32 = 0xA1
    /// Segment, cluster, group of blocks, tracks: what is in them is read as if it stood outside.
    static let opened: Set<UInt32> = [0x1853_8067, 0x1F43_B675, 0xA0, 0x1654_AE6B, trackEntry]
    static let wanted: Set<UInt32> = [trackNumber, codec, codecPrivate, simpleBlock, block]
  }

  /// `held` may have become a whole name and size.
  private mutating func beginElement(_ pieces: inout [Piece]) {
    guard let idLength = Self.length(held[0], most: 4) else { return lose(&pieces) }
    guard held.count > idLength else { return }
    guard let sizeLength = Self.length(held[idLength], most: 8) else { return lose(&pieces) }
    guard held.count == idLength + sizeLength else { return }
    let id = held[..<idLength].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let size = Self.number(held[idLength...])
    held = []
    if id == ID.header { (tracks, chosen) = ([], nil) }
    if id == ID.trackEntry, tracks.count < Self.trackLimit { tracks.append(Track()) }
    guard !ID.opened.contains(id) else { return }
    // Only what is opened may leave its end to what comes behind it.
    guard let size else { return lose(&pieces) }
    if ID.wanted.contains(id), (1...Self.longestElement).contains(size) {
      element = (id, size)
    } else {
      skipped = size
    }
  }

  /// An element that is wanted is whole.
  private mutating func finish(_ id: UInt32, _ pieces: inout [Piece]) {
    let bytes = held
    (held, element) = ([], nil)
    switch id {
    case ID.simpleBlock, ID.block: read(block: bytes, &pieces)
    case _ where tracks.isEmpty: break
    case ID.trackNumber: tracks[tracks.count - 1].number = bytes.prefix(8).reduce(0) { $0 << 8 & Int.max | Int($1) }
    case ID.codec: tracks[tracks.count - 1].codec = String(decoding: bytes.prefix(40), as: UTF8.self)
    default: tracks[tracks.count - 1].head = bytes
    }
  }

  /// The number of the track, two bytes of time, flags, and the packet.
  private mutating func read(block bytes: [UInt8], _ pieces: inout [Piece]) {
    if chosen == nil {
      guard let track = tracks.first(where: { $0.codec == "A_OPUS" }) else {
        let names = tracks.map(\.codec).filter { !$0.isEmpty }.joined(separator: ", ")
        pieces.append(.problem("the WebM stream holds \(names.isEmpty ? "no track" : names); only Opus can be played"))
        return isLost = true
      }
      chosen = track.number
      pieces.append(.track(head: track.head))
    }
    guard let length = Self.length(bytes[0], most: 8), bytes.count > length + 3 else { return }
    guard Self.number(bytes[..<length]) == chosen else { return }
    guard bytes[length + 2] & 0x06 == 0 else {
      return pieces.append(.problem("a WebM block with several packets; it was left out"))
    }
    pieces.append(.packet(Array(bytes[(length + 3)...])))
  }

  /// From here on it is not known where an element begins.
  private mutating func lose(_ pieces: inout [Piece]) {
    (isLost, held) = (true, [])
    pieces.append(.problem("the WebM stream is damaged; what follows cannot be read until it begins anew"))
  }

  // MARK: Numbers

  /// Bytes of a number or name that begins so; nil where it would have more than `most`.
  private static func length(_ first: UInt8, most: Int) -> Int? {
    let length = first.leadingZeroBitCount + 1
    return length <= most ? length : nil
  }

  /// Nil for the number that stands for none: all its bits are 1.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    let bits = 7 * bytes.count
    let mask = Int(1) << bits - 1
    let value = bytes.reduce(0) { $0 << 8 | Int($1) } & mask
    return value == mask ? nil : value
  }
}
