import ChatSimulation
import ChatWire
import Glibc
func exploreAll() {
  for (w, m, r, depth, faults, hs) in [(1,2,0,8,3,false),(2,2,0,8,2,false),(2,3,1,8,2,false),(3,4,0,8,2,false),(2,2,0,8,2,true)] {
    for mode in [ARQMode.goBackN, .selectiveRepeat] {
      var s = Exploration.Settings()
      s.mode = mode; s.windowSize = w; s.messageCount = m; s.replyCount = r; s.depth = depth; s.faultsMax = faults; s.includesHandshake = hs
      let t = clock()
      let f = Exploration.explore(s)
      print(mode.name, w, m, r, depth, faults, hs, "states", f.stateCount, "visits", f.visitCount, "cont", f.continuationCount, "over", f.overCount, f.failure ?? "ok", Double(clock() - t) / 1e6)
    }
  }
}
func efficiency() {
  var table = EfficiencyTable()
  table.seeds = 1...3
  let t = clock()
  print(table.text())
  print(Double(clock() - t) / 1e6)
}
