import ChatSimulation
import ChatWire
import TestSupport
import Testing

@Suite("Efficiency") struct EfficiencyTests {
  @Test func `what losses cost is known`() {
    expectGolden(EfficiencyTable().text(), named: "efficiency.txt")
  }

  /// What an independent simulation of the protocol sent, as frames per useful frame.
  private static let known: [(mode: ARQMode, loss: Int, frames: Double)] = [
    (.selectiveRepeat, 5, 1.07), (.selectiveRepeat, 10, 1.16), (.selectiveRepeat, 20, 1.41),
    (.selectiveRepeat, 30, 1.70), (.goBackN, 5, 1.83), (.goBackN, 10, 2.68), (.goBackN, 20, 5.0),
    (.goBackN, 30, 7.8),
  ]

  @Test(arguments: known.indices)
  func `a window of 16 sends no more frames than an independent simulation`(index: Int) {
    let known = Self.known[index]
    let result = EfficiencyTable().cell(mode: known.mode, window: 16, lossPercent: known.loss)
    #expect(result.failure == nil)
    #expect((result.cell?.framesPerUsefulFrame ?? .infinity) < known.frames * 1.06)
  }

  @Test(arguments: [4, 16, 64])
  func `Selective Repeat sends fewer frames than Go-Back-N`(window: Int) {
    var table = EfficiencyTable()
    table.messageCount = 200
    for loss in [5, 20] {
      let goBackN = table.cell(mode: .goBackN, window: window, lossPercent: loss).cell
      let selective = table.cell(mode: .selectiveRepeat, window: window, lossPercent: loss).cell
      #expect(
        selective?.framesPerUsefulFrame ?? .infinity < goBackN?.framesPerUsefulFrame ?? 0)
    }
  }
}
