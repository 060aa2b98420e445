import DequeModule
import Timeline

/// Barge-ins of a session, the last of them in detail.
///
/// Speech over the agent is only a candidate: it becomes a barge-in when something is cut because of it. What was
/// spoken over without any effect is counted and forgotten.
public struct BargeInStopwatch: Sendable {
  /// How many are kept in detail.
  static let limit = 200
  /// How many pieces of audio are remembered on either side: more than a second of it.
  static let pieceLimit = 64
  /// Two words of an onset that are further apart tell of two onsets.
  static let sameOnset = Duration.seconds(1)
  /// A cut that comes later than this after the onset of speech has another cause.
  static let longestReaction = Duration.seconds(3)

  /// The last ones, oldest first. The last may be going on.
  public private(set) var all: Deque<BargeIn> = []
  /// Over the session; false ones have their own count.
  public private(set) var counts: [BargeIn.Verdict: Int] = [:]
  /// Speech over the agent that neither cut nor held anything.
  public private(set) var ignored = 0
  /// Onset to last sample heard, of genuine ones.
  public private(set) var stopTimes = DurationHistogram()
  /// Stale audio of genuine ones, in milliseconds each.
  public private(set) var staleReceived = DurationHistogram()
  public private(set) var staleHeard = DurationHistogram()

  /// Times that the server held an answer until it knew what the user said.
  public private(set) var holds = 0
  /// Holds after which the answer went on: silence for nothing, from the last sample heard until then.
  public private(set) var falseStops = DurationHistogram()

  /// Since when nothing is heard of an answer that is held.
  private var heldSince: Timestamp?
  private var candidate: BargeIn?
  /// The answer was held for the candidate and went on: it had its effect.
  private var isPassed = false
  /// The onset of the candidate, or of the one that goes on, is the server's word, which comes after the voice.
  private var onsetIsServers = false
  /// The one that is going on; the last of `all`.
  private var isRunning = false
  /// The last pieces that were handed to the speaker, by when they are heard. Between them is silence, if anything.
  private var handovers: Deque<(from: Timestamp, to: Timestamp)> = []
  /// The last pieces of audio that came: an onset is known only some time after it.
  private var arrivals: Deque<(at: Timestamp, ms: Double)> = []
  private var speechOver: Duration?
  private var isEcho = false

  public init() {}

  /// Speech over the agent is known of, whether or not it has cut anything yet.
  var hasCandidate: Bool { candidate != nil || isRunning }

  /// Speech began at `onset`, over the agent. Of two words for one onset the earlier moment stands, whichever came first.
  /// - Parameter byServer: by the server's word, and not by our own detector.
  mutating func speechStarted(at onset: Timestamp, turn: Int?, byServer: Bool) {
    guard !isRunning else { return }
    if var candidate, isSame(candidate, onset, byServer) {
      begin(&candidate, at: onset)
      self.candidate = candidate
      return
    }
    if candidate != nil, !isPassed { ignored += 1 }
    var bargeIn = BargeIn(trigger: .voice, onset: onset, turn: turn)
    // What was handed over is decided about when it is known how it ends.
    bargeIn.staleHeardMs = handedOverMs(after: onset)
    for arrival in arrivals where arrival.at > onset {
      bargeIn.lastStaleAudio = arrival.at
      bargeIn.staleReceivedMs += arrival.ms
    }
    candidate = bargeIn
    isPassed = false
    onsetIsServers = byServer
    speechOver = nil
    isEcho = false
  }

  /// Our own detector tells when speech began, over the agent or just now no longer: the server may have cut already.
  mutating func onsetHeard(at onset: Timestamp) {
    guard isRunning, var bargeIn = all.last, isSame(bargeIn, onset, false) else { return }
    begin(&bargeIn, at: onset)
    all[all.count - 1] = bargeIn
  }

  /// Whether our own detector tells of the speech of which the server told before.
  private func isSame(_ bargeIn: BargeIn, _ onset: Timestamp, _ byServer: Bool) -> Bool {
    guard bargeIn.trigger == .voice, onsetIsServers, !byServer, speechOver == nil else { return false }
    return onset - bargeIn.onset < Self.sameOnset && bargeIn.onset - onset < Self.longestReaction
  }

  /// Moves an onset back, with what was heard and came since.
  private mutating func begin(_ bargeIn: inout BargeIn, at onset: Timestamp) {
    onsetIsServers = false
    guard onset < bargeIn.onset else { return }
    bargeIn.staleHeardMs += handedOverMs(after: onset) - handedOverMs(after: bargeIn.onset)
    for arrival in arrivals where arrival.at > onset && arrival.at <= bargeIn.onset {
      bargeIn.lastStaleAudio = bargeIn.lastStaleAudio ?? arrival.at
      bargeIn.staleReceivedMs += arrival.ms
    }
    bargeIn.onset = onset
  }

  /// The speech that began last has ended.
  /// - Parameter isEcho: what the microphone heard was the agent.
  mutating func speechEnded(at end: Timestamp, isEcho: Bool) {
    // Only the speech that cut decides: what is said once the agent is silent is the next turn.
    guard speechOver == nil else { return }
    self.isEcho = isEcho
    if let candidate { speechOver = end - candidate.onset }
    if isRunning, let last = all.indices.last, all[last].trigger == .voice {
      speechOver = end - all[last].onset
      judge(last)
    }
  }

  /// The operator pressed the key, over the agent.
  mutating func keyPressed(at now: Timestamp, turn: Int?) {
    if cut(at: now, turn: turn) { return }
    var bargeIn = BargeIn(trigger: .key, onset: now, turn: turn)
    onsetIsServers = false
    bargeIn.staleHeardMs = handedOverMs(after: now)
    begin(bargeIn)
  }

  /// The message was sent.
  mutating func interruptSent(at now: Timestamp) {
    guard isRunning, let i = all.indices.last, all[i].interruptSent == nil else { return }
    all[i].interruptSent = now
  }

  /// The server said that the response was cut, or is complete.
  mutating func acknowledged(isCut: Bool, at now: Timestamp, turn: Int?) {
    if isCut { _ = cut(at: now, turn: turn) }
    guard isRunning, let i = all.indices.last, all[i].acknowledged == nil else { return }
    all[i].acknowledged = now
  }

  /// Audio came that belongs to the answer that is being cut.
  mutating func audioReceived(_ ms: Double, at now: Timestamp) {
    arrivals.append((now, ms))
    if arrivals.count > Self.pieceLimit { arrivals.removeFirst() }
    if isRunning, let i = all.indices.last {
      all[i].lastStaleAudio = now
      all[i].staleReceivedMs += ms
    } else if candidate != nil {
      candidate?.lastStaleAudio = now
      candidate?.staleReceivedMs += ms
    }
  }

  /// Audio was handed to the speaker and is heard from `start` on.
  mutating func handedOver(_ length: Duration, heardFrom start: Timestamp) {
    handovers.append((start, start + length))
    if handovers.count > Self.pieceLimit { handovers.removeFirst() }
    if isRunning, let i = all.indices.last, all[i].playoutEmpty == nil {
      all[i].staleHeardMs += length.milliseconds
    } else if !isRunning, candidate != nil {
      candidate?.staleHeardMs += length.milliseconds
    }
  }

  /// The answer is silenced until it is known what the user says.
  /// - Parameter lastSound: when the last sample that was not taken back leaves the speaker.
  mutating func held(lastSound: Timestamp) {
    guard heldSince == nil else { return }
    holds += 1
    let silence = [lastSound, handovers.last?.to].compactMap(\.self).min() ?? lastSound
    heldSince = silence
    takeBack(after: silence)
  }

  /// It was no interruption: the answer goes on.
  mutating func resumed(at now: Timestamp) {
    guard let since = heldSince else { return }
    heldSince = nil
    isPassed = candidate != nil
    falseStops.record(max(.zero, now - since).milliseconds)
  }

  /// What was handed over is not heard after a moment.
  private mutating func takeBack(after silence: Timestamp) {
    if isRunning, let i = all.indices.last, all[i].playoutEmpty == nil {
      all[i].staleHeardMs = max(0, all[i].staleHeardMs - handedOverMs(after: max(silence, all[i].onset)))
    } else if !isRunning, let onset = candidate?.onset {
      candidate!.staleHeardMs = max(0, candidate!.staleHeardMs - handedOverMs(after: max(silence, onset)))
    }
    forget(after: silence)
  }

  private mutating func forget(after silence: Timestamp) {
    handovers.removeAll { $0.from >= silence }
    if let last = handovers.indices.last { handovers[last].to = min(handovers[last].to, silence) }
  }

  /// The playout was emptied, or came to its end by itself.
  /// - Parameter lastSound: when the last sample that was not thrown away leaves the speaker, unless all that was handed
  ///   over was heard before; nil if nothing was thrown away.
  mutating func emptied(at now: Timestamp, lastSound: Timestamp?, isCut: Bool, turn: Int?) {
    if isCut { _ = cut(at: now, turn: turn) }
    let silence = [lastSound, heldSince, handovers.last?.to].compactMap(\.self).min() ?? now
    heldSince = nil
    if isRunning, let i = all.indices.last, all[i].playoutEmpty == nil {
      all[i].staleHeardMs = max(0, all[i].staleHeardMs - handedOverMs(after: max(silence, all[i].onset)))
      all[i].playoutEmpty = now
      all[i].lastSound = silence
    } else if !isRunning, candidate != nil {
      candidate = nil
      if !isPassed { ignored += 1 }
    }
    forget(after: silence)
  }

  /// Something of the next exchange came: what is going on is over.
  mutating func nextExchange() {
    guard isRunning, let i = all.indices.last else { return }
    isRunning = false
    judge(i)
    guard all[i].verdict == .genuine else { return }
    if let ms = all[i].stopTime?.milliseconds { stopTimes.record(ms) }
    staleReceived.record(all[i].staleReceivedMs)
    staleHeard.record(all[i].staleHeardMs)
  }

  /// How much of what was handed to the speaker is heard after a moment.
  private func handedOverMs(after moment: Timestamp) -> Double {
    handovers.reduce(0) { $0 + max(0, ($1.to - max($1.from, moment)).milliseconds) }
  }

  /// An answer is being cut: by the speech that began last, if it can be.
  private mutating func cut(at now: Timestamp, turn: Int?) -> Bool {
    if isRunning { return true }
    guard let candidate, now - candidate.onset <= Self.longestReaction else { return false }
    self.candidate = nil
    begin(candidate)
    return true
  }

  private mutating func begin(_ bargeIn: BargeIn) {
    nextExchange()
    candidate = nil
    all.append(bargeIn)
    if all.count > Self.limit { all.removeFirst() }
    isRunning = true
    counts[.genuine, default: 0] += 1
    judge(all.count - 1)
  }

  /// Says what it was, as far as is known by now.
  private mutating func judge(_ i: Int) {
    guard all[i].trigger == .voice else { return }
    let verdict: BargeIn.Verdict =
      isEcho ? .echo : speechOver.map { $0 < BargeIn.shortestSpeech } ?? false ? .tooShort : .genuine
    guard verdict != all[i].verdict else { return }
    counts[all[i].verdict, default: 1] -= 1
    counts[verdict, default: 0] += 1
    all[i].verdict = verdict
  }
}
