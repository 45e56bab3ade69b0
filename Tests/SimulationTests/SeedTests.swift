import BatonSimulation
import Foundation
import Testing

@Suite("Seeds", .timeLimit(.minutes(30)))
struct SeedTests {
    /// How many; `BATON_SIMULATION_SEEDS` says otherwise.
    private static let seeds = ProcessInfo.processInfo.environment["BATON_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 10_000

    @Test("all seeds hold all invariants, 10,000 of them by default")
    func invariants() throws {
        let report = try Campaign(count: Self.seeds).run(failures: 5)
        for failure in report.failures {
            var minimiser = Minimiser(SimulationSettings(seed: failure.seed))
            let smaller = try minimiser.minimise()
            Issue.record("\(failure.summary)\n\(smaller.story)")
        }
        // What never happens can't go wrong.
        if Self.seeds >= 1000, report.failures.isEmpty {
            for status in ["completed", "failed", "cancelled"] { #expect(report.runs[status] ?? 0 > 100) }
        }
    }

    @Test("a seed replays exactly")
    func replay() throws {
        let stores = try SimulationStores()
        defer { stores.remove() }
        for seed in UInt64(1)...20 {
            var settings = SimulationSettings(seed: seed)
            settings.isTraced = true
            let first = try stores.withStore("first") { Simulation(settings, store: $0).run() }
            let second = try stores.withStore("second") { Simulation(settings, store: $0).run() }
            #expect(first.trace == second.trace)
            #expect(first.fingerprint == second.fingerprint)
        }
    }
}
