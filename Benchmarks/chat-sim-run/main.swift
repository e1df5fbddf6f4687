// chat-sim-run [FIRST-SEED [COUNT]]: runs the plans of so many seeds, prints every failure with the
// command that repeats it, and exits 1 if there is one.
SimulationRun.main()
