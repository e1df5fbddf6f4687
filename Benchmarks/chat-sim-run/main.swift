import ChatSimulation
import ChatWire

let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
let first = arguments.first ?? 1
let count = arguments.count > 1 ? arguments[1] : 1_000
var failures = 0
var ends: [String: Int] = [:]
let crc = CRC32()
for seed in first..<first + count {
  let plan = SimulationPlan.random(seed: seed)
  var pair = try SimulatedPair(plan, checksum: crc)
  let end = pair.run(until: Instant.zero.advanced(by: .seconds(1_000_000)), stepCountMax: 1_000_000)
  var key = "\(end)"
  switch end {
  case .finished:
    key = "\(pair.connection.counts(.client).end?.ending as Any)/\(pair.connection.counts(.server).end?.ending as Any)"
  case .violated(let v):
    failures += 1
    if failures < 20 { print("seed \(seed): \(v.line)\n  \(plan.command)") }
    key = "violated \(v.check)"
  default:
    failures += 1
    if failures < 20 { print("seed \(seed): \(end)\n  \(plan.command)") }
  }
  ends[key, default: 0] += 1
}
for key in ends.keys.sorted() { print(key, ends[key] ?? 0) }
