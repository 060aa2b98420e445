import Testing

@testable import Agent

@Suite struct DecodeQueueTests {
  private func order(_ queue: inout DecodeQueue) -> [DecodeQueue.Ticket] {
    var tickets: [DecodeQueue.Ticket] = []
    while let next = queue.next() { tickets.append(next) }
    return tickets
  }

  @Test func finalsGoFirstInTheOrderTheyWereAskedFor() {
    var queue = DecodeQueue()
    queue.add(.init(client: 1, job: 1), isFinal: false)
    queue.add(.init(client: 2, job: 1), isFinal: true)
    queue.add(.init(client: 1, job: 2), isFinal: true)
    #expect(queue.depth == 3 && queue.depthOfFinals == 2)
    #expect(order(&queue) == [.init(client: 2, job: 1), .init(client: 1, job: 2), .init(client: 1, job: 1)])
    #expect(queue.depth == 0)
  }

  @Test func whoSpeaksForLongKeepsNobodyFromTheScreen() {
    var queue = DecodeQueue()
    queue.add(.init(client: 1, job: 1), isFinal: false)
    #expect(queue.next()?.client == 1)
    // The same client again, and another one after it.
    queue.add(.init(client: 1, job: 2), isFinal: false)
    queue.add(.init(client: 2, job: 1), isFinal: false)
    #expect(order(&queue).map(\.client) == [2, 1])
  }

  @Test func eachOfManyClientsIsServedAsOften() {
    var queue = DecodeQueue()
    var served: [Int: Int] = [:]
    for client in 0..<5 { queue.add(.init(client: client, job: 0), isFinal: false) }
    for round in 1...100 {
      let ticket = queue.next()!
      served[ticket.client, default: 0] += 1
      queue.add(.init(client: ticket.client, job: round), isFinal: false)
    }
    #expect(served.values.allSatisfy { $0 == 20 }, "\(served)")
  }

  @Test func whatIsWithdrawnOrForgottenIsNotServed() {
    var queue = DecodeQueue()
    for client in 1...2 {
      queue.add(.init(client: client, job: 1), isFinal: true)
      queue.add(.init(client: client, job: 2), isFinal: false)
    }
    queue.withdraw(.init(client: 1, job: 1))
    queue.forget(client: 2)
    #expect(order(&queue) == [.init(client: 1, job: 2)])
  }
}
