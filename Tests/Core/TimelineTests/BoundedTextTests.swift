import Testing
import Timeline

@Suite struct BoundedTextTests {
  @Test func aPrefixEndsBetweenTwoCharacters() {
    #expect("abc".prefix(bytes: 3) == "abc")
    #expect("abc".prefix(bytes: 2) == "ab")
    #expect("aé".prefix(bytes: 2) == "a")
    #expect("😀".prefix(bytes: 3).isEmpty)
    #expect("abc".prefix(bytes: 0).isEmpty && "abc".prefix(bytes: -1).isEmpty)
  }

  @Test func aCutTextSaysWhatIsMissing() {
    #expect("abcdef".cut(toBytes: 6) == "abcdef")
    #expect("abcdef".cut(toBytes: 4) == "abcd… (2 bytes more)")
    #expect("abé".cut(toBytes: 3) == "ab… (2 bytes more)")
  }

  @Test func textsOfANoticeAreBounded() {
    let long = String(repeating: "x", count: Notice.longestText + 1)
    let notice = Notice(.serverError, .error, .server, long, remedy: long)
    #expect(notice.text == long.dropLast() + "… (1 bytes more)" && notice.remedy == notice.text)
  }
}
