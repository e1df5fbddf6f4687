/// A rectangle of cells.
public struct Area: Sendable, Hashable {
  /// The first row, from 0 at the top.
  public var row: Int
  /// The first column, from 0 at the left.
  public var column: Int
  /// How many rows; never negative.
  public var rows: Int
  /// How many columns; never negative.
  public var columns: Int

  /// Makes an area; what is negative counts as nothing.
  public init(row: Int, column: Int, rows: Int, columns: Int) {
    self.row = row
    self.column = column
    self.rows = max(0, rows)
    self.columns = max(0, columns)
  }

  /// The row behind the last.
  public var endRow: Int { row + rows }
  /// The column behind the last.
  public var endColumn: Int { column + columns }
  /// There is no cell in it.
  public var isEmpty: Bool { rows == 0 || columns == 0 }

  /// True if the cell lies in it.
  public func contains(row: Int, column: Int) -> Bool {
    row >= self.row && row < endRow && column >= self.column && column < endColumn
  }

  /// Cuts rows off at the top and returns them.
  public mutating func takeTop(_ count: Int) -> Area {
    let count = min(max(0, count), rows)
    defer {
      row += count
      rows -= count
    }
    return Area(row: row, column: column, rows: count, columns: columns)
  }

  /// Cuts rows off at the bottom and returns them.
  public mutating func takeBottom(_ count: Int) -> Area {
    let count = min(max(0, count), rows)
    rows -= count
    return Area(row: row + rows, column: column, rows: count, columns: columns)
  }

  /// Cuts columns off at the right and returns them.
  public mutating func takeRight(_ count: Int) -> Area {
    let count = min(max(0, count), columns)
    columns -= count
    return Area(row: row, column: column + columns, rows: rows, columns: count)
  }

  /// The area without its border.
  public func inset(_ count: Int = 1) -> Area {
    Area(
      row: row + min(count, rows), column: column + min(count, columns), rows: rows - 2 * count,
      columns: columns - 2 * count)
  }
}
