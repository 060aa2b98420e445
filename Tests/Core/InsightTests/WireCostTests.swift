import Testing
import Timeline
import Wire

@testable import Insight

/// What audio takes on the wire, and what its codec saves.
@Suite struct WireCostTests {
  private func insight(in format: String, _ bytes: [UInt8], count: Int = 50) -> Insight {
    var insight = Insight()
    var index = 0
    func add(_ way: Way, _ message: WireMessage) {
      index += 1
      let entry = Message(
        link: LinkID(1), way: way, kind: message.isText ? .text : .binary, payload: message.payload, origin: .peer)
      insight.observe(Entry(index: index, at: .zero + .milliseconds(20 * index), event: .message(entry)))
    }
    let formats = #"{"in":{"format":"\#(format)"},"out":{"format":"\#(format)"}}"#
    add(.toClient, .string(#"{"type":"ready","sessionId":"s","audio":\#(formats)}"#))
    add(.toClient, .string(#"{"type":"response_text","text":"It is half past nine."}"#))
    for _ in 0..<count {
      add(.toServer, .binary(bytes))
      add(.toClient, .binary(bytes))
    }
    return insight
  }

  @Test func packetsAreCountedByTheirOwnLength() {
    // 20 ms in 60 bytes, where 16-bit samples at 16 kHz have 640.
    let insight = insight(in: "opus", [0x48] + [UInt8](repeating: 7, count: 59))
    for figure in [Figure.uplinkWireRate, .downlinkWireRate] {
      #expect(figure.value(in: insight) == 3_000)
      #expect(figure.text(in: insight).description == "3 000 B/s")
    }
    for figure in [Figure.uplinkSaving, .downlinkSaving] {
      #expect(figure.value(in: insight) == 90.625)
      #expect(figure.text(in: insight).description == "91 %")
    }
    #expect(Figure.uplinkSent.value(in: insight) == 1)
    #expect(Insight.coding(insight.uplink.wire, insight.uplinkSaving) == "opus saves 91 %")
  }

  @Test func muLawSavesThreeQuarters() {
    let insight = insight(in: "mulaw", [UInt8](repeating: 0x55, count: 160))
    #expect(Figure.uplinkWireRate.value(in: insight) == 8_000)
    #expect(Figure.downlinkSaving.value(in: insight) == 75)
  }

  @Test func samplesSaveNothingAndAreNotSpokenOf() {
    let insight = insight(in: "pcm16", [UInt8](repeating: 0, count: 640))
    #expect(Figure.uplinkSaving.value(in: insight) == 0)
    #expect(Insight.coding(insight.uplink.wire, insight.uplinkSaving) == nil)
  }

  /// The length of a stream is what its decoder says.
  @Test func aStreamSavesOnceItsLengthIsKnown() {
    var wire = WireCost()
    #expect(wire.bytesPerSecond == nil && wire.saving(rate: 16_000) == nil)
    wire.passed(.oggOpus, messageBytes: 5_333, codedBytes: 4_000, lasting: nil)
    #expect(wire.bytesPerSecond == nil)
    wire.decoded(1_000)
    wire.decoded(.infinity)
    wire.decoded(-1)
    #expect(wire.bytesPerSecond == 5_333)
    #expect(wire.saving(rate: 16_000) == 87.5)
    wire.passed(nil, messageBytes: .max, codedBytes: .max, lasting: .nan)
    #expect(wire.format == .oggOpus)
  }
}
