SimulationRun.main()
