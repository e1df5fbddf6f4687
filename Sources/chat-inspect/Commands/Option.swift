internal import ArgumentParser

/// In this program an option is one of the command line, not one of a handshake.
typealias Option<Value> = ArgumentParser.Option<Value>
