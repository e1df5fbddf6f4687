/// One side of a comparison as it was written.
indirect enum FilterOperand {
  /// A field, a number, bytes or a name: decided when the other side is known.
  case word(String, FilterLocation)
  case string([UInt8], FilterLocation)
  case character(UInt8, FilterLocation)
  case slice(FilterOperand, [SliceRange], FilterLocation)
  case call(FilterFunction, [FilterOperand], FilterLocation)

  var location: FilterLocation {
    switch self {
    case .word(_, let location), .string(_, let location), .character(_, let location),
      .slice(_, _, let location), .call(_, _, let location):
      location
    }
  }
}

/// The functions of the filter language.
enum FilterFunction: String, Sendable, CaseIterable {
  case len, count, lower, upper, string, min, max, abs
}

/// How two values are compared.
enum FilterComparison: Sendable, Hashable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// True if values in this order pass; nil is for values that cannot be ordered, which are
  /// unequal.
  func holds(_ order: FilterOrder?) -> Bool {
    switch self {
    case .equal: order == .same
    case .notEqual: order != .same
    case .less: order == .less
    case .lessOrEqual: order == .less || order == .same
    case .greater: order == .greater
    case .greaterOrEqual: order == .greater || order == .same
    }
  }

  /// The comparison with its sides exchanged.
  var exchanged: FilterComparison {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  var isEquality: Bool { self == .equal || self == .notEqual }
}

/// How one value stands to another.
enum FilterOrder: Sendable {
  case less, same, greater

  init<Value: Comparable>(_ left: Value, _ right: Value) {
    self = left < right ? .less : left == right ? .same : .greater
  }

  init(bytes left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) {
    if left.elementsEqual(right) {
      self = .same
    } else {
      self = left.lexicographicallyPrecedes(right) ? .less : .greater
    }
  }
}

/// Whether one value of a field, or each, must pass a test.
enum FilterQuantifier: Sendable, Hashable {
  case any, all
}
