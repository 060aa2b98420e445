import Timeline

// What the microphone's frames tell.
extension Insight {
  mutating func observe(_ frame: MicFrame, at now: Timestamp) {
    uplink.captured(frame)
    echoWitness.captured(
      rmsDB: frame.rmsDB, until: frame.end(at: now), lasting: .samples(frame.sampleCount, rate: frame.rate))
  }
}
