import Testing
import Timeline

@Suite struct EntryTests {
  /// Fifty frames and blocks a second, and a recording is held whole.
  @Test func anEntryIsSmall() {
    #expect(MemoryLayout<Entry>.size <= 104, "\(MemoryLayout<Entry>.size)")
  }

  @Test func aGateKeepsToOneSourceAndTheProgram() {
    func entry(_ source: UInt16) -> Entry {
      Entry(index: 0, at: .zero, source: SourceID(source), event: .gate(Gate(mode: .open)))
    }
    var first = SourceGate()
    #expect([0, 2, 1, 0, 2].map { first.admits(entry($0)) } == [true, true, false, true, true])
    #expect(first.source == SourceID(2))
    var chosen = SourceGate(SourceID(3))
    #expect([0, 2, 3].map { chosen.admits(entry($0)) } == [true, false, true])
  }

  @Test func sourcesHaveNames() {
    var names = SourceNames()
    #expect(names[.program] == "program" && names[.first] == "client" && names[SourceID(9)] == "9")
    for number in 1...1000 {
      let source = Source(kind: .proxy, name: "s\(number)", dialect: "voice", url: "ws://a")
      names.observe(Entry(index: 0, at: .zero, source: SourceID(UInt16(number)), event: .sourceStarted(source)))
    }
    #expect(names[.first] == "s1" && names[SourceID(200)] == "s200")
    #expect(names.all.count <= 256, "a recording may hold any number")
  }
}
