import Testing
import Timeline

/// Names that recordings hold: what is known has one spelling, and what is not known is kept.
@Suite struct NameTests {
  private func check<Name: OpenName>(_: Name.Type) {
    let spelled = Name.known.map(\.rawValue)
    #expect(Set(spelled).count == spelled.count, "\(Name.self)")
    for name in Name.known { #expect(Name.named(name.rawValue) == name && "\(name)" == name.rawValue) }
    let strange = Name.named("of a later version")
    #expect(strange == .other("of a later version") && strange.rawValue == "of a later version")
    #expect(!Name.known.contains(strange))
  }

  @Test func aNameThatIsTooLongIsCut() {
    let name = QueueName.named(String(repeating: "é", count: 100)).rawValue
    #expect(name == String(repeating: "é", count: OpenNames.longest / 2) + "… (72 bytes more)")
  }

  @Test func everyNameHasOneSpelling() {
    check(ActName.self)
    check(QueueName.self)
    check(QueueUnit.self)
    check(FaultName.self)
    check(StageName.self)
    check(NoticeSource.self)
    check(NoticeID.self)
  }
}
