// chat-sim-run [FIRST-SEED [COUNT]]: runs the plans of so many seeds, prints every failure with the
// command that repeats it, and exits 1 if there is one.
if CommandLine.arguments.contains("efficiency") { efficiency() } else if CommandLine.arguments.contains("explore") { exploreAll() } else { SimulationRun.main() }
