import ArgumentParser

/// What the comparison measures from Swift. Each subcommand prints one line of JSON.
@main
struct Probe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Measures parts of Baton from inside a program.",
        subcommands: [RoundTrip.self, Echo.self, Latency.self, FirstDelivery.self, CancelQueued.self, CancelRunning.self])
}
