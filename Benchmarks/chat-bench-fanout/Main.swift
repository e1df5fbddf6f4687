import ChatProgram

/// Where the program begins.
@main
enum Main {
  static func main() {
    FanOutBenchmark.runAndExit(arguments: Array(CommandLine.arguments.dropFirst()))
  }
}
