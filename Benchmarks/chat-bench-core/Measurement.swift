import Glibc

/// What one case of a table does once; how often is up to `Table`.
struct Measurement {
  /// What stands in the first column.
  var label: String
  /// What is counted, for example bytes or frames, in one call.
  var unitsPerCall: Int
  /// The work.
  var work: () -> Void
}

/// Nanoseconds of CPU time of this thread.
private func threadNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Median nanoseconds per unit of each measurement, in rounds in which each has its turn.
func nanosecondsPerUnit(_ measurements: [Measurement], rounds: Int) -> [Double] {
  let least: Int64 = 20_000_000
  var samples = [[Double]](repeating: [], count: measurements.count)
  // Once before, so that caches and buffers are warm and the number of calls is known.
  let calls = measurements.map { measurement -> Int in
    measurement.work()
    let start = threadNanoseconds()
    measurement.work()
    return max(1, Int(least / max(1, threadNanoseconds() - start)))
  }
  for _ in 0..<max(1, rounds) {
    for (index, measurement) in measurements.enumerated() {
      let start = threadNanoseconds()
      for _ in 0..<calls[index] { measurement.work() }
      let elapsed = threadNanoseconds() - start
      samples[index].append(Double(elapsed) / Double(calls[index] * measurement.unitsPerCall))
    }
  }
  return samples.map { $0.sorted()[$0.count / 2] }
}

/// A number with so many digits behind the point, in so many columns.
func column(_ value: Double, _ width: Int, digits: Int = 0) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let rounded = Int((value * scale).rounded())
  var text = String(rounded / Int(scale))
  if digits > 0 {
    let fraction = String(rounded % Int(scale))
    text += "." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
  return column(text, width)
}

/// A text at the right of so many columns.
func column(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(1, width - text.count)) + text
}

/// A text at the left of the first column.
func label(_ text: String) -> String {
  "  " + text + String(repeating: " ", count: max(0, 34 - text.count))
}
