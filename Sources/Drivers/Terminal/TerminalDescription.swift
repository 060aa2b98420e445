import CNcurses
import Glibc

/// What a terminal can do and how it is told to, as ncurses reads it: its entry in the terminfo database, or one made
/// from that with more colours.
///
/// Most terminals show 16 million colours and say so in COLORTERM only: their entries know of 256. The `-direct` entries
/// are in a package of its own that few machines have (ncurses-term). ncurses also takes a compiled entry from the
/// environment (`TERMINFO=hex:…`, terminfo(5), "Fetching Compiled Descriptions"), so we hand it one.
struct TerminalDescription {
  /// How many colours the new description has, and how they are told.
  enum Colors {
    /// xterm's 256.
    case palette
    /// 24 bits, by their value.
    case direct
  }

  private var name: String
  private var flags: [Bool] = []
  /// −1 for those that are not there.
  private var numbers: [Int32] = []
  private var strings: [[UInt8]?] = []

  /// The entry of the database; nil when there is none.
  init?(term: String) {
    guard cnc_load_terminfo(term, STDOUT_FILENO) != 0 else { return nil }
    name = term
    while let name = cnc_flag_name(Int32(flags.count)) { flags.append(tigetflag(name) > 0) }
    while let name = cnc_number_name(Int32(numbers.count)) { numbers.append(max(-1, tigetnum(name))) }
    while let name = cnc_string_name(Int32(strings.count)) {
      strings.append(
        cnc_terminfo_string(name).map { UnsafeBufferPointer(start: $0, count: strlen($0)).map(UInt8.init(bitPattern:)) }
      )
    }
  }

  /// How many colours the description has.
  var colorCount: Int { Int(numbers[Self.position("colors", cnc_number_name)]) }

  /// Gives it other colours.
  mutating func set(_ colors: Colors) {
    func number(_ name: String, _ value: Int32) { numbers[Self.position(name, cnc_number_name)] = value }
    func string(_ name: String, _ value: String?) {
      strings[Self.position(name, cnc_string_name)] = value.map { Array($0.utf8) }
    }
    number("colors", colors == .direct ? 1 << 24 : 256)
    number("pairs", 1 << 16)
    // ISO 6429: 3x and 4x are the first eight in every terminal; 9x and 10x the bright ones (aixterm). Semicolons, since
    // more terminals understand them than the standard's colons.
    let value =
      colors == .direct
      ? ";2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m" : ";5;%p1%d%;m"
    func code(_ plain: String, _ bright: String, _ extended: String) -> String {
      let brights = colors == .direct ? "" : "%p1%{16}%<%t\(bright)%p1%{8}%-%d%e"
      return "\u{1B}[%?%p1%{8}%<%t\(plain)%p1%d%e" + brights + extended + value
    }
    string("setaf", code("3", "9", "38"))
    string("setab", code("4", "10", "48"))
    string("op", "\u{1B}[39;49m")
    // Nothing redefines the palette.
    for name in ["setf", "setb", "initc", "initp", "oc", "scp"] { string(name, nil) }
    flags[Self.position("ccc", cnc_flag_name)] = false
    isDirect = colors == .direct
  }
  private var isDirect = false

  /// Runs `body` while ncurses finds this description for the terminal's name. Main thread: it sets a variable of the
  /// environment and puts it back.
  func whileInForce<Result>(_ body: () -> Result) -> Result {
    let former = getenv("TERMINFO").map { String(cString: $0) }
    let digits = Array("0123456789ABCDEF".utf8)
    let hex = compiled().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    setenv("TERMINFO", "hex:" + String(decoding: hex, as: UTF8.self), 1)
    defer { if let former { setenv("TERMINFO", former, 1) } else { unsetenv("TERMINFO") } }
    return body()
  }

  /// The bytes of term(5), "Storage Format": header, names, flags, numbers of 32 bits, offsets of strings, strings.
  func compiled() -> [UInt8] {
    var bytes: [UInt8] = []
    func short(_ value: Int) { bytes += [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)] }
    func even() { if !bytes.count.isMultiple(of: 2) { bytes.append(0) } }
    var table: [UInt8] = []
    var offsets: [Int] = []
    for string in strings {
      offsets.append(string == nil ? 0xFFFF : table.count)
      if let string { table += string + [0] }
    }
    short(0o1036)
    for count in [name.utf8.count + 1, flags.count, numbers.count, strings.count, table.count] { short(count) }
    bytes += Array(name.utf8) + [0] + flags.map { $0 ? 1 : 0 }
    even()
    for number in numbers {
      for shift in stride(from: Int32(0), to: 32, by: 8) { bytes.append(UInt8(number >> shift & 0xFF)) }
    }
    for offset in offsets { short(offset) }
    bytes += table
    guard isDirect else { return bytes }
    // "Extended Storage Format": one flag of our own, RGB, by which ncurses knows that a colour's number is its value.
    even()
    for count in [1, 0, 0, 1, 4] { short(count) }
    bytes += [1, 0]
    short(0)
    return bytes + Array("RGB".utf8) + [0]
  }

  private static func position(_ name: String, _ nameAt: (Int32) -> UnsafePointer<CChar>?) -> Int {
    var i: Int32 = 0
    while let known = nameAt(i) {
      if strcmp(known, name) == 0 { return Int(i) }
      i += 1
    }
    preconditionFailure("terminfo has no capability \(name)")
  }
}
