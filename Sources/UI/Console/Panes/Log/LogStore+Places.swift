import Timeline

// Where in the log a message or a moment is.
extension LogStore {
  /// The row of a message; nil when its payload is no longer kept, or the entry is no message.
  func rowID(ofEntry index: Int) -> Int? {
    var (low, high) = (0, payloads.count)
    while low < high {
      let middle = (low + high) / 2
      if payloads[middle].entry < index { low = middle + 1 } else { high = middle }
    }
    guard low < payloads.count, payloads[low].entry == index else { return nil }
    return payloads[low].row
  }

  /// The first row that began at or after a moment; the last one when all began before. Nil without rows.
  func rowID(from moment: Timestamp) -> Int? {
    var (low, high) = (firstID, nextID)
    while low < high {
      let middle = (low + high) / 2
      if let row = rows.raw(middle), row.record.at < moment.nanoseconds { low = middle + 1 } else { high = middle }
    }
    return rows.count == 0 ? nil : min(low, nextID - 1)
  }

  /// The newest row that is shown, when it is a message; nil else.
  var newestShownMessage: Int? {
    guard let id = shownID(shownCount - 1), let row = rows.raw(id), row.record.kind != .event else { return nil }
    return id
  }
}
