import Testing

@testable import Threads

@Suite struct SampleRingTests {
  private func write(_ samples: [Int16], to ring: SampleRing) -> Int {
    samples.withUnsafeBufferPointer { ring.write($0) }
  }
  private func read(_ count: Int, from ring: SampleRing, until limit: Int = .max) -> [Int16] {
    var samples = [Int16](repeating: -1, count: count)
    let taken = samples.withUnsafeMutableBufferPointer { ring.read(into: $0, until: limit) }
    return Array(samples.prefix(taken))
  }

  @Test func capacityIsRoundedUp() {
    #expect(SampleRing(capacity: 1).capacity == 1)
    #expect(SampleRing(capacity: 5).capacity == 8)
    #expect(SampleRing(capacity: 16).capacity == 16)
  }

  @Test func everyOffsetAndLengthWrapsRight() {
    let ring = SampleRing(capacity: 8)
    var next: Int16 = 0
    var expected: [Int16] = []
    for round in 0..<200 {
      let block = (0..<(round % 9)).map { _ in
        next &+= 1
        return next
      }
      let taken = write(block, to: ring)
      expected += block.prefix(taken)
      let got = read((round * 5) % 9, from: ring)
      #expect(got == Array(expected.prefix(got.count)))
      expected.removeFirst(got.count)
      #expect(ring.count == expected.count)
      if taken < block.count { next = expected.last ?? got.last ?? next }
    }
  }

  @Test func whatFindsNoRoomIsCounted() {
    let ring = SampleRing(capacity: 4)
    #expect(write([1, 2, 3], to: ring) == 3)
    #expect(write([4, 5, 6], to: ring) == 1)
    #expect(ring.writeSilence(2) == 0)
    #expect(ring.dropped == 4)
    #expect(read(9, from: ring) == [1, 2, 3, 4])
    #expect(write([], to: ring) == 0)
    #expect(read(9, from: ring) == [])
  }

  @Test func silenceWrapsAround() {
    let ring = SampleRing(capacity: 4)
    _ = write([1, 2, 3], to: ring)
    _ = read(2, from: ring)
    #expect(ring.writeSilence(3) == 3)
    #expect(read(9, from: ring) == [3, 0, 0, 0])
  }

  @Test func aFlushTakesWhatWasThereAndNothingElse() {
    let ring = SampleRing(capacity: 16)
    _ = write([1, 2, 3], to: ring)
    ring.flush()
    #expect(ring.count == 0)
    _ = write([4, 5], to: ring)
    #expect(ring.count == 2)
    #expect(read(9, from: ring) == [4, 5])
    #expect(ring.flushed == 3)
    #expect(ring.flushCount == 1)
    ring.flush()
    #expect(read(9, from: ring) == [])
    #expect(ring.flushed == 3)
  }

  @Test func aLimitHoldsBackWhatCameLater() {
    let ring = SampleRing(capacity: 16)
    _ = write([1, 2], to: ring)
    let limit = ring.writePosition
    _ = write([3], to: ring)
    #expect(read(9, from: ring, until: limit) == [1, 2])
    ring.flush()
    _ = write([4], to: ring)
    #expect(read(9, from: ring, until: limit) == [])
    #expect(read(9, from: ring) == [4])
  }

  @Test func discardEmptiesIt() {
    let ring = SampleRing(capacity: 16)
    _ = write([1, 2], to: ring)
    #expect(ring.discard() == 2)
    #expect(ring.count == 0)
    #expect(ring.flushed == 2)
  }

  /// Two threads as fast as they can: nothing is lost, doubled or out of order.
  @Test func producerAndConsumerAgree() {
    let ring = SampleRing(capacity: 64)
    let total = 200_000
    let producer = NamedThread("ring producer") {
      var position = 0
      while position < total {
        let block = (0..<min(37, total - position)).map { Int16(truncatingIfNeeded: position + $0) }
        position += block.withUnsafeBufferPointer { ring.write($0) }
      }
    }
    var position = 0
    var isInOrder = true
    while position < total {
      for sample in read(29, from: ring) {
        isInOrder = isInOrder && sample == Int16(truncatingIfNeeded: position)
        position += 1
      }
    }
    producer.join()
    #expect(isInOrder)
    #expect(ring.count == 0)
  }

  /// A third thread flushes all the time: what is read stays in order, and read + flushed is what was written.
  @Test func flushesFromAThirdThreadKeepTheOrder() {
    let ring = SampleRing(capacity: 256)
    let total = 100_000
    let done = Locked<Bool>(false)
    let producer = NamedThread("ring producer") {
      var position = 0
      while position < total {
        let block = (0..<min(50, total - position)).map { Int16(truncatingIfNeeded: (position + $0) % 30_000) }
        position += block.withUnsafeBufferPointer { ring.write($0) }
      }
      done.withLock { $0 = true }
    }
    let flusher = NamedThread("ring flusher") {
      while !done.withLock({ $0 }) { ring.flush() }
    }
    var taken = 0
    var isInOrder = true
    while true {
      let isLast = done.withLock { $0 }
      let block = read(31, from: ring)
      for (offset, sample) in block.enumerated() where offset > 0 {
        isInOrder = isInOrder && Int(sample) == (Int(block[offset - 1]) + 1) % 30_000
      }
      taken += block.count
      if isLast, block.isEmpty { break }
    }
    producer.join()
    flusher.join()
    _ = read(1, from: ring)
    #expect(isInOrder)
    #expect(taken + ring.flushed == total)
    #expect(ring.flushCount > 0)
  }
}
