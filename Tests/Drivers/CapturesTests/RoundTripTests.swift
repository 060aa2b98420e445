import Capture
import CaptureTestKit
import Captures
import Foundation
import GRDB
import Testing
import Timeline

@Suite struct RoundTripTests {
  private let folder = Folder()

  @Test func entriesAndSamplesComeBackExactly() throws {
    finishedCapture(folder.file(), entries: 5000, samples: 50_000)
    // One file, for its owner alone.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.sidetone"])
    #expect(mode(folder.file()) == 0o600)
    let source = try CaptureFileReader(path: folder.file())
    #expect(source.header == header)
    #expect(try allEntries(source) == (0..<5000).map(Sample.entry))
    let tracks = try source.tracks()
    #expect(tracks == [CapturedTrack(id: TrackID(1), track: Sample.track, extent: 0..<50_000)])
    let blocks = try source.audio(of: TrackID(1), in: 0..<50_000)
    #expect(blocks.flatMap(\.samples) == Sample.sound(0..<50_000))
    let extent = try source.extent()
    #expect(extent.isFinished && extent.lost.isZero)
    #expect(extent.first?.index == 0 && extent.last?.index == 4999)
  }

  @Test func anyStretchOfSoundIsExact() throws {
    finishedCapture(folder.file(), entries: 1, samples: 40_000)
    let source = try CaptureFileReader(path: folder.file())
    for range in [0..<1, 1..<2, 15_999..<16_001, 39_999..<50_000, 7000..<33_333] as [Range<Int64>] {
      let blocks = try source.audio(of: TrackID(1), in: range)
      #expect(blocks.first?.position == range.lowerBound)
      #expect(blocks.flatMap(\.samples) == Sample.sound(range.clamped(to: 0..<40_000)))
    }
    #expect(try source.audio(of: TrackID(1), in: 40_000..<50_000).isEmpty)
    #expect(try source.audio(of: TrackID(1), in: Int64.min..<0).isEmpty)
    #expect(try source.audio(of: TrackID(7), in: 0..<10).isEmpty)
  }

  /// Speech, noise, silence, full scale, two channels, gaps.
  @Test func everySoundIsExact() throws {
    var noise = SystemRandomNumberGenerator()
    let sounds: [[Int16]] = [
      (0..<9600).map { _ in Int16.random(in: .min ... .max, using: &noise) }, [Int16](repeating: 0, count: 9600),
      (0..<9600).map { $0 % 2 == 0 ? .min : .max }, [7],
    ]
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    var ids: [TrackID] = []
    for (i, sound) in sounds.enumerated() {
      let channels = i % 2 + 1
      let track = AudioTrack(.other("t\(i)"), rate: 48_000, channels: sound.count == 1 ? 1 : channels, start: .zero)
      ids.append(writer.addTrack(track))
      writer.write(sound, at: 100, on: ids[i])
      writer.write(sound, at: 1_000_000, on: ids[i])
    }
    writer.close()
    let source = try CaptureFileReader(path: folder.file())
    for (id, sound) in zip(ids, sounds) {
      let blocks = try source.audio(of: id, in: 0..<2_000_000)
      #expect(blocks.filter { $0.position < 1_000_000 }.flatMap(\.samples) == sound)
      #expect(blocks.filter { $0.position >= 1_000_000 }.flatMap(\.samples) == sound)
      #expect(blocks.first?.position == 100)
    }
  }

  @Test func momentsLeadToEntries() throws {
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    // Indexes with gaps, and several entries of one moment.
    let times: [(index: Int, ms: Double)] = [(3, 0), (4, 10), (9, 10), (10, 10), (400, 25.5), (401, 1000)]
    for (index, ms) in times {
      writer.write(
        Entry(index: index, at: Timestamp(milliseconds: ms), event: .roundTrip(RoundTrip(link: LinkID(1), ms: 1))))
    }
    writer.close()
    let source = try CaptureFileReader(path: folder.file())
    for ms in [-5, 0, 0.5, 10, 10.5, 25, 25.5, 26, 999, 1000] as [Double] {
      let wanted = times.first { $0.ms >= ms }?.index
      #expect(try source.firstIndex(at: Timestamp(milliseconds: ms)) == wanted, "at \(ms) ms")
    }
    #expect(try source.firstIndex(at: Timestamp(milliseconds: 1000.5)) == nil)
    let page = try source.entries(from: 4, limit: 2)
    #expect(page.entries.map(\.index) == [4, 9] && page.next == 10)
    #expect(try source.entries(from: 401, limit: 2).next == nil)
    #expect(try source.entries(from: .max, limit: .max).entries.isEmpty)
  }

  @Test func wordsAreFound() throws {
    finishedCapture(folder.file(), entries: 400)
    let source = try CaptureFileReader(path: folder.file())
    #expect(try source.search("number 16", from: 0, limit: 10) == [16, 160, 168])
    #expect(try source.search("NUMBER 16 E", from: 17, limit: 1) == [160])
    #expect(try source.search("transcript_int", from: 0, limit: 1000).count == 50)
    #expect(try source.search("QUJDREVG", from: 0, limit: 10).isEmpty)
    // Nothing that is typed is a command.
    for text in [
      "", " ", "\"", "a\"b", "-", "(", "text:x", "NEAR(a b)", "*", "a OR b", "\0", String(repeating: "x ", count: 5000),
    ] {
      #expect(try source.search(text, from: 0, limit: 10).isEmpty, "\(text.prefix(20))")
    }
  }

  /// The lines are those of a recording of JSON lines, for other programs.
  @Test func linesAreJSONLines() throws {
    finishedCapture(folder.file(), entries: 20)
    let queue = try DatabaseQueue(path: folder.file())
    let lines = try queue.read { try String.fetchAll($0, sql: "SELECT line FROM entries ORDER BY idx") }
    for (i, line) in lines.enumerated() {
      #expect(Array(line.utf8) == EntryLine.encode(Sample.entry(i), isFirst: i == 0))
    }
    #expect(lines.count == 20)
  }

  @Test func derivedColumnsAreMadeAgain() throws {
    finishedCapture(folder.file(), entries: 3000)
    func derived() throws -> [String] {
      let queue = try DatabaseQueue(path: folder.file())
      return try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM derived ORDER BY idx").map { "\($0)" } }
    }
    let before = try derived()
    #expect(before.count == 3000)
    let found = try CaptureFileReader(path: folder.file()).search("number", from: 0, limit: 5000)
    try DatabaseQueue(path: folder.file()).write {
      try $0.execute(
        sql: "UPDATE derived SET type = 'wrong', text = 'wrong' WHERE idx % 3 = 0; DELETE FROM derived WHERE idx > 2000"
      )
    }
    try CaptureColumns.rebuild(folder.file())
    #expect(try derived() == before)
    #expect(try CaptureFileReader(path: folder.file()).search("number", from: 0, limit: 5000) == found)
    #expect(found.count == 375)
  }

  @Test func secretsDoNotReachTheFile() throws {
    var options = CaptureFileWriter.Options()
    options.secrets = ["hunter2hunter2"]
    let secret = CaptureHeader(
      programVersion: "1", settings: #"{"api_key":"sk-FAKE0123456789abcdef","note":"hunter2hunter2"}"#,
      wallClockMilliseconds: 0)
    let writer = CaptureFileWriter(path: folder.file(), header: secret, options: options)
    func message(_ index: Int, _ text: String, _ way: Way) {
      let message = Message(link: LinkID(1), way: way, kind: .text, payload: Array(text.utf8))
      writer.write(Entry(index: index, at: .zero, event: .message(message)))
    }
    message(0, #"{"type":"config","api_key":"sk-FAKE0123456789abcdef"}"#, .toServer)
    message(1, #"{"type":"error","message":"no hunter2hunter2 here"}"#, .toClient)
    writer.write(Entry(index: 2, at: .zero, event: .operatorAct(OperatorAct(.send, "hunter2hunter2"))))
    writer.close()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file()))
    #expect(bytes.range(of: Data("FAKE0123456789".utf8)) == nil)
    #expect(bytes.range(of: Data("hunter2".utf8)) == nil)
    #expect(bytes.range(of: Data(#""type\":\"config"#.utf8)) != nil, "the rest is there")
  }
}
