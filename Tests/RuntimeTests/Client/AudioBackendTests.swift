import Audio
import AudioDevices
import Testing
import Timeline

@testable import Runtime

@Suite struct AudioBackendTests {
  private let request = AudioPortRequest(rate: 16_000, events: { _ in }, wake: {})

  /// A card without a row could be chosen and not opened.
  @Test func eachCardHasItsRow() {
    #expect(AudioBackend.builtIn.map(\.card) == AudioBackendCard.builtIn)
    for backend in AudioBackend.builtIn {
      #expect((backend.openInput != nil) == (backend.card.input != nil), "\(backend.card.title)")
      #expect((backend.openOutput != nil) == (backend.card.output != nil), "\(backend.card.title)")
    }
    for form in AudioBackendCard.builtIn.compactMap(\.input) {
      if case .other = SessionOptions.Input(form.word, form.argument == .none ? nil : "x") {
        Issue.record("\(form.word) is not an input of the session")
      }
    }
  }

  @Test func aToyBackendIsOneRow() throws {
    let card = AudioBackendCard(
      title: "toy", needs: "a toy", input: .init("toy", .required("RATE"), help: "a toy hears"),
      output: .init("toy", .optional("NAME"), help: "a toy speaks"))
    let toys = [
      AudioBackend(
        card, input: { FakeInput(rate: Int($0.argument ?? "") ?? 0) }, output: { FakeOutput(rate: $0.rate / 2) })
    ]
    let choice = try #require([card].choice("toy:8000", \.input))
    let chosen = SessionOptions.Input(choice.word, choice.argument)
    #expect(chosen == .other(word: "toy", argument: "8000") && chosen.description == "toy:8000")
    #expect(try AudioPorts.input(chosen, among: AudioBackend.builtIn + toys, request).rate == 8_000)
    let output = SessionOptions.Output("toy", nil)
    #expect(try AudioPorts.output(output, among: toys, request).rate == 8_000 && output.description == "toy")
  }

  @Test func whatNoBackendHasIsSaid() {
    let error = #expect(throws: AudioPorts.Unknown.self) {
      try AudioPorts.input(.other(word: "toy", argument: "a"), among: AudioBackend.builtIn, request)
    }
    #expect(error?.description == "there is no input \"toy:a\"")
    #expect(throws: AudioPorts.Unknown.self) { try AudioPorts.output(.null, among: [], request) }
  }

  @Test func theBuiltInOnesOpenWithoutADevice() throws {
    #expect(try AudioPorts.input(.silence, among: AudioBackend.builtIn, request) is PacedInput)
    #expect(try AudioPorts.input(.say(text: "hello"), among: AudioBackend.builtIn, request) is PacedInput)
    #expect(try AudioPorts.input(.stdin, among: AudioBackend.builtIn, request) is StdinInput)
    #expect(try AudioPorts.output(.null, among: AudioBackend.builtIn, request) is NullOutput)
    #expect(SessionOptions.Input.say(text: "secret").description == "say")
  }
}
