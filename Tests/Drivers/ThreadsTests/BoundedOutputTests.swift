import CLinux
import Glibc
import Testing
import Threads

@Suite struct BoundedOutputTests {
  private func pipeEnds() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  @Test func aReaderThatTakesNothingIsGivenUp() throws {
    let (reading, writing) = try pipeEnds()
    defer { for end in [reading, writing] { close(end) } }
    let output = BoundedOutput(writing)
    // A pipe holds 64 KiB by default (pipe(7)), and this is more.
    var asked = 0
    let outcome = output.write([UInt8](repeating: 0x61, count: 1 << 20)) {
      asked += 1
      return asked < 3
    }
    #expect(outcome == .gaveUp && asked == 3)
    #expect(output.write([0x62], patience: .zero) == .gaveUp)
    // The writing end blocks as before: whoever else has it must not notice.
    #expect(fcntl(writing, F_GETFL) & O_NONBLOCK == 0)
  }

  @Test func aReaderThatTakesItGetsAllOfIt() throws {
    let (reading, writing) = try pipeEnds()
    let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let received = Locked<[UInt8]>([])
    let reader = NamedThread("reader") {
      var buffer = [UInt8](repeating: 0, count: 777)
      // Not to the end of the pipe: a program that another test has started may hold it open.
      while received.withLock({ $0.count }) < sent.count {
        let count = read(reading, &buffer, buffer.count)
        guard count > 0 else { return }
        received.withLock { $0 += buffer[..<count] }
      }
    }
    #expect(BoundedOutput(writing).write(sent, while: { true }) == .written)
    close(writing)
    reader.join()
    close(reading)
    #expect(received.withLock { $0 } == sent)
  }

  @Test func whatTheKernelRefusesIsTold() throws {
    signal(SIGPIPE, SIG_IGN)
    let (reading, writing) = try pipeEnds()
    close(reading)
    #expect(BoundedOutput(writing).write([1], while: { true }) == .refused(EPIPE))
    close(writing)
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    #expect(BoundedOutput(full).write([1], while: { true }) == .refused(ENOSPC))
    #expect(BoundedOutput(full).write([], while: { false }) == .written)
  }

  @Test func aTerminalThatIsStoppedIsGivenUp() throws {
    var (master, slave): (Int32, Int32) = (-1, -1)
    try #require(openpty(&master, &slave, nil, nil, nil) == 0)
    defer { for end in [master, slave] { close(end) } }
    // Ctrl-S.
    try #require(tcflow(slave, TCOOFF) == 0)
    #expect(BoundedOutput(slave).write(Array("hello".utf8), patience: .milliseconds(1)) == .gaveUp)
    try #require(tcflow(slave, TCOON) == 0)
    #expect(BoundedOutput(slave).write(Array("hello".utf8), while: { true }) == .written)
    #expect(fcntl(slave, F_GETFL) & O_NONBLOCK == 0)
  }
}
