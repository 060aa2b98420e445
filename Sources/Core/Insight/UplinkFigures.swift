import DequeModule
import Timeline
import Wire

/// How the user's audio gets away.
public struct UplinkFigures: Sendable {
  /// Over which rates are told.
  static let rateWindow = Duration.seconds(5)
  /// A longer pause between two messages begins a new flow: the gate was shut.
  static let flowBreakMs = 500.0

  /// Chunks that wait for the socket, the most that did, and those dropped since the start.
  public private(set) var depth = 0
  public private(set) var highestDepth = 0
  public private(set) var dropped = 0
  /// Bytes that the socket took and has not sent, and the most that there were.
  public private(set) var backlogBytes = 0
  public private(set) var highestBacklogBytes = 0
  /// From the capture of a message's last sample to its sending.
  public private(set) var waits = DurationHistogram(resolutionMs: 0.1)
  /// Audio messages, and their audio in milliseconds.
  public private(set) var chunks = 0
  public private(set) var sentMs = 0.0
  /// Of that, without speech: the gate's hangover, an open microphone.
  public private(set) var silentMs = 0.0
  /// Sequence numbers that were left out on the wire.
  public private(set) var sequenceGaps = 0
  public private(set) var missingChunks = 0
  /// What it takes on the wire.
  public internal(set) var wire = WireCost()

  private var flow = FlowRate()
  private var seconds: Deque<(second: Int64, bytes: Int)> = []
  private var lastSequence: Int?
  private var lastChunkMs = 0.0
  private var seesMicrophone = false

  public init() {}

  /// Audio for each time that passes, of the flow that goes on or was the last: 1 is real time.
  public var realTimeFactor: Double? { flow.factor }

  /// Payload bytes a second, over the last five whole seconds before `now`.
  public func bytesPerSecond(at now: Timestamp) -> Double {
    let current = now.nanoseconds / 1_000_000_000
    let first = current - Self.rateWindow.nanoseconds / 1_000_000_000
    let bytes = seconds.reduce(0) { $0 + ((first..<current).contains($1.second) ? $1.bytes : 0) }
    return Double(bytes) / Double(current - first)
  }

  /// A message was sent, of any kind.
  mutating func sent(byteCount: Int, at now: Timestamp) {
    let second = now.nanoseconds / 1_000_000_000
    if let last = seconds.indices.last, seconds[last].second == second {
      seconds[last].bytes += byteCount
      return
    }
    seconds.append((second, byteCount))
    if seconds.count > 8 { seconds.removeFirst() }
  }

  /// Audio was sent.
  mutating func sent(_ payload: AudioPayload, lasting ms: Double, waitedMs: Double?, at now: Timestamp) {
    chunks += 1
    sentMs += ms
    lastChunkMs = ms
    flow.passed(ms, at: now, breakMs: Self.flowBreakMs)
    if let waitedMs { waits.record(waitedMs) }
    if let sequence = payload.sequence {
      if let lastSequence, sequence > lastSequence.adding(1) {
        sequenceGaps += 1
        missingChunks = missingChunks.adding(sequence.subtracting(lastSequence) - 1)
      }
      lastSequence = sequence
    }
    // Where nobody records the microphone, the samples themselves have to tell.
    if !seesMicrophone, Self.isQuiet(payload.bytes) { silentMs += ms }
  }

  /// A frame of the microphone passed the gate, or did not.
  mutating func captured(_ frame: MicFrame) {
    if !seesMicrophone { (seesMicrophone, silentMs) = (true, 0) }
    guard frame.fate == .sent, !frame.isSpeech else { return }
    silentMs += Double(frame.sampleCount) * 1000 / Double(max(1, frame.rate))
  }

  mutating func queued(_ queue: QueueDepth) {
    switch queue.name {
    case .uplink:
      depth = queue.depth
      highestDepth = max(highestDepth, queue.depth)
      dropped = queue.dropped
    case .socket where queue.unit == .bytes:
      backlogBytes = queue.depth
      highestBacklogBytes = max(highestBacklogBytes, queue.depth)
    default: break
    }
  }

  /// A new connection counts anew.
  mutating func connectionChanged() {
    lastSequence = nil
    flow = FlowRate()
  }

  /// How long a chunk is, for what was dropped.
  var chunkMs: Double { lastChunkMs }

  /// 16-bit samples that all lie below -50 dBFS.
  private static func isQuiet(_ bytes: [UInt8]) -> Bool {
    let limit = 104
    var i = 0
    while i + 1 < bytes.count {
      let sample = Int(Int16(bitPattern: UInt16(bytes[i]) | UInt16(bytes[i + 1]) << 8))
      if abs(sample) > limit { return false }
      i += 2
    }
    return true
  }
}
