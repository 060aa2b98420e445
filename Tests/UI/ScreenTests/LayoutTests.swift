import Screen
import Testing

@Suite struct LayoutTests {
  @Test(arguments: [
    (10, [Length.fixed(3), .flexible()], 0, [3, 7]), (10, [.flexible(), .flexible(weight: 2)], 0, [3, 7]),
    (12, [.flexible(), .flexible(weight: 3)], 0, [3, 9]), (2, [.fixed(3), .fixed(4)], 0, [2, 0]),
    (10, [.flexible(minimum: 6), .flexible()], 0, [6, 4]), (10, [.flexible(maximum: 2), .flexible()], 0, [2, 8]),
    (5, [.fixed(4), .flexible(minimum: 3)], 0, [4, 1]), (11, [.fixed(4), .fixed(0), .flexible()], 1, [4, 0, 6]),
    (0, [.fixed(1), .flexible()], 0, [0, 0]), (4, [.fixed(1), .fixed(1)], 0, [1, 1]),
  ])
  func splits(_ total: Int, _ lengths: [Length], _ spacing: Int, _ expected: [Int]) {
    #expect(Layout.split(total, lengths, spacing: spacing) == expected)
  }

  @Test func partsNeverOverlapOrLeaveTheWhole() {
    let lengths: [Length] = [.fixed(3), .flexible(weight: 2, minimum: 4), .fixed(1), .flexible(minimum: 2, maximum: 9)]
    for total in 0...60 {
      for spacing in 0...2 {
        let rect = Rect(x: 5, y: 7, width: total, height: total)
        for parts in [Layout.columns(rect, lengths, spacing: spacing), Layout.rows(rect, lengths, spacing: spacing)] {
          #expect(parts.count == 4)
          let filled = parts.filter { !$0.isEmpty }
          #expect(filled.allSatisfy { $0.intersection(rect) == $0 })
          for (a, b) in zip(filled, filled.dropFirst()) {
            #expect(a.intersection(b).isEmpty)
            #expect(b.x - a.right == spacing || b.y - a.bottom == spacing)
          }
        }
      }
    }
  }

  @Test func centresWithinTheRoomThereIs() {
    let rect = Rect(x: 2, y: 1, width: 10, height: 4)
    #expect(rect.centred(Size(width: 4, height: 2)) == Rect(x: 5, y: 2, width: 4, height: 2))
    #expect(rect.centred(Size(width: 40, height: 2)) == Rect(x: 2, y: 2, width: 10, height: 2))
  }
}
