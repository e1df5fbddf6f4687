// The speed of the core: checksums, frames and whole sessions, in memory.
//
//   chat-bench-core [ROUNDS]
//
// Figures are medians of rounds that take turns, in CPU time of this thread.

measureCore(rounds: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5)
