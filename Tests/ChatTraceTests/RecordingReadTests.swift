import ChatTrace
import ChatWire
import TestSupport
import Testing

/// A recording read is the live trace.
@Suite("Recordings: reading") struct RecordingReadTests {
  @Test func `the reading of a recording is the live trace, byte for byte`() throws {
    for seed in 0..<UInt64(25 * effort) {
      let script = RecordingScript(seed: seed, connections: Int(seed % 7) + 1)
      let run = RecordingRun(script, waits: seed % 3 != 0)
      let blockSize = [1 << 16, 700, 40_000][Int(seed % 3)]
      let read = try PrintedTrace(reading: run.recording, inBlocksOf: blockSize)
      let difference = read.difference(from: run.live)
      #expect(difference == nil, "seed \(seed)")
      #expect(!run.live.ndjson.isEmpty)
      if difference != nil { return }
    }
  }

  @Test func `files of a rotation joined are one trace`() throws {
    for seed in 0..<UInt64(10 * effort) {
      let script = RecordingScript(seed: 1_000 + seed, connections: 5)
      let run = RecordingRun(script, stepsPerFile: Int(seed % 5) * 9 + 7)
      #expect(run.files.count > 2)
      let read = try PrintedTrace(reading: run.recording)
      #expect(read.difference(from: run.live) == nil, "seed \(seed)")
    }
  }

  @Test func `a recording that is cut anywhere reads up to there`() throws {
    for seed in 0..<UInt64(2 * effort) {
      var random = SeededGenerator(seed: seed)
      let script = RecordingScript(seed: 2_000 + seed, connections: 4, largest: 70_000)
      let run = RecordingRun(script, waits: false)
      let whole = run.recording
      for _ in 0..<7 {
        let index = Int.random(in: 0..<run.ends.count, using: &random)
        let start = index == 0 ? 0 : run.ends[index - 1]
        let end = run.ends[index]
        // Where a step is written as a whole it is read as a whole.
        let after = RecordingRun(script, stepCount: index + 1).live
        let read = try PrintedTrace(reading: Array(whole[..<end]))
        #expect(read.difference(from: after) == nil, "seed \(seed), step \(index)")
        guard index > 0, start < end else { continue }
        let cut = Int.random(in: start..<end, using: &random)
        let part = try PrintedTrace(reading: Array(whole[..<cut]))
        let before = RecordingRun(script, stepCount: index).live
        #expect(part == before || part == after, "seed \(seed), step \(index), byte \(cut)")
      }
    }
  }

  @Test func `two recordings joined are two sets of streams`() throws {
    let first = RecordingRun(RecordingScript(seed: 31, connections: 2))
    let second = RecordingRun(RecordingScript(seed: 32, connections: 3))
    let joined = try trace(file: first.recording + second.recording)
    let alone = [try trace(file: first.recording), try trace(file: second.recording)]
    #expect(joined.inconsistencies == alone[0].inconsistencies)
    #expect(joined.frames.count == alone[0].frames.count + alone[1].frames.count)
    #expect(joined.chatStreams == alone[0].chatStreams + alone[1].chatStreams.map { $0 + 2 })
  }
}
