/// Something measured, and what it is measured against.
struct Figure: Codable {
  /// What a figure is compared with.
  enum Reference: Codable {
    /// The most it may be.
    case budget(Double)
    /// The least it may be.
    case floor(Double)
    /// What somebody else took, in the same unit, in the same run.
    case peer(String, Double)
    /// Told for its own sake.
    case none
  }

  var what: String
  var unit: String
  /// The runs' figures; the median stands for them.
  var runs: [Double]
  var reference: Reference

  init(_ what: String, _ unit: String, _ runs: [Double], _ reference: Reference = .none) {
    self.what = what
    self.unit = unit
    self.runs = runs
    self.reference = reference
  }

  var value: Double { runs.percentile(50) }

  /// Measured over reference.
  var ratio: Double? {
    switch reference {
    case .budget(let most): value / most
    case .floor(let least): value / least
    case .peer(_, let other): other > 0 ? value / other : nil
    case .none: nil
    }
  }

  var missesBudget: Bool {
    switch reference {
    case .budget(let most): value > most
    case .floor(let least): value < least
    case .peer, .none: false
    }
  }
}

extension [Double] {
  /// The nearest-rank percentile (0…100); not a number without elements.
  func percentile(_ percent: Double) -> Double {
    guard !isEmpty else { return .nan }
    let rank = Int((percent / 100 * Double(count)).rounded(.up))
    return sorted()[Swift.min(count, Swift.max(1, rank)) - 1]
  }
}
