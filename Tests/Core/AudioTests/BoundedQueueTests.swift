import Audio
import Testing

@Suite struct BoundedQueueTests {
  @Test func dropsTheOldest() {
    var queue = BoundedQueue<Int>(capacity: 3)
    let dropped = (1...5).map { queue.append($0) }
    #expect(dropped == [nil, nil, nil, 1, 2])
    #expect(Array(queue) == [3, 4, 5])
    #expect(queue.dropped == 2)
    #expect(queue.isFull)
    let first = queue.popFirst()
    #expect(first == 3)
    let sixth = queue.append(6)
    #expect(sixth == nil)
    #expect(queue.count == 3)
  }

  @Test func refusesTheNewest() {
    var queue = BoundedQueue<Int>(capacity: 2, overflow: .refuseNewest)
    let refused = (1...4).map { queue.append($0) }
    #expect(refused == [nil, nil, 3, 4])
    #expect(Array(queue) == [1, 2])
    #expect(queue.dropped == 2)
  }

  @Test func emptyingIsNotDropping() {
    var queue = BoundedQueue<String>(capacity: 0)
    #expect(queue.capacity == 1)
    queue.append("a")
    let removed = queue.removeAll()
    #expect(removed == 1)
    #expect(queue.isEmpty && queue.dropped == 0)
    let none = queue.popFirst()
    #expect(none == nil)
  }
}
