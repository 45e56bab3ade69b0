import ArgumentParser
import BatonSimulation
import Foundation

/// Runs simulations, and shows what they find.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the coordinator against simulated workers, broker and faults, by seeds.")

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 1000

    @Option(name: .customLong("from"), help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "Run this seed alone.")
    var seed: UInt64?

    @Flag(help: "Write down each step.")
    var trace = false

    @Flag(help: "With --seed: make a failure smaller before it is shown.")
    var minimise = false

    @Option(help: "How many seeds at a time.")
    var threads = 2

    @Option(help: "A fault to put in on purpose: \(Sabotage.allCases.map(\.rawValue).joined(separator: ", ")).")
    var sabotage: String?

    func run() throws {
        let stores = try SimulationStores()
        defer { stores.remove() }
        if let seed {
            var settings = SimulationSettings(seed: seed)
            settings.isTraced = trace
            settings.sabotage = sabotage.flatMap(Sabotage.init(rawValue:))
            if minimise {
                var minimiser = Minimiser(settings)
                return print(try minimiser.minimise().story)
            }
            let result = try stores.withStore("\(seed)") { Simulation(settings, store: $0).run() }
            for line in result.trace { print(line) }
            print(result.summary)
            if result.violation != nil { throw ExitCode.failure }
            return
        }
        let campaign = Campaign(first: first, count: seeds, threads: threads) { [sabotage] in $0.sabotage = sabotage.flatMap(Sabotage.init(rawValue:)) }
        let report = try campaign.run { FileHandle.standardOutput.write(Data(($0 + "\n").utf8)) }
        print(report)
        if report.hasFailed { throw ExitCode.failure }
    }
}
