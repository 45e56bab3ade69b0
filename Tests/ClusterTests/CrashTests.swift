import BatonModel
import Foundation
import Testing

extension ClusterTests {
    @Suite struct CrashTests {
        /// One that is always the same, or those in `BATON_TEST_SEEDS`, with commas between.
        static let seeds = (ProcessInfo.processInfo.environment["BATON_TEST_SEEDS"] ?? "20261121").split(separator: ",").compactMap { UInt64($0) }

        @Test("A coordinator that is killed goes on where it was; what runs on a live worker isn't started again (A1, A4)", .timeLimit(.minutes(3)))
        func coordinator() async throws {
            try await withCluster { cluster in
                let document = layers("layers", count: 10, width: 30, seconds: 0.2, more: [sleeping("long", 8)])
                let run = try await cluster.api.submit(document)
                let long = try await cluster.api.start(of: "long", in: run.id)
                _ = try await cluster.api.event(of: run.id, "the end of the second layer's first") { $0.type == .taskCompleted && $0.task == "l1-0" }
                try await cluster.coordinator.crash()
                try await cluster.startCoordinator()
                let before = try await cluster.api.events(of: run.id)
                #expect(before.filter { $0.type == .taskCompleted }.count < 301, "it was killed in mid-run")
                let record = try await cluster.api.recorded(run.id, within: .seconds(90))
                #expect(record.run.counts == ["completed": 301])
                #expect(record.tasks["long"]?.attempts == 1)
                #expect(record.events(.taskStarted, of: "long") == [long])
                #expect(record.events(.attemptLost).isEmpty, "no worker died")
            }
        }

        @Test("A run whose id was returned outlives a coordinator that is killed at once (A1)", .timeLimit(.minutes(2)))
        func durableSubmit() async throws {
            try await withCluster(workers: 0) { cluster in
                var runs: [RunID] = []
                for round in 0..<5 {
                    runs.append(try await cluster.api.submit(graph("kept", [step("t\(round)")])).id)
                    try await cluster.coordinator.crash()
                    try await cluster.startCoordinator()
                }
                #expect(Set(try await cluster.api.runs().map(\.id)) == Set(runs))
                try await cluster.startWorker()
                for run in runs { try await cluster.api.recorded(run) }
            }
        }

        @Test("All that runs is killed at once, five times in mid-run, and each run still ends with each task recorded once (A3, A4)", .timeLimit(.minutes(5)), arguments: seeds)
        func everything(seed: UInt64) async throws {
            var random = SeededGenerator(seed)
            try await withCluster { cluster in
                for round in 1...5 {
                    let document = layers("round-\(round)", count: 6, width: 20, seconds: 0.3, more: [sleeping("long", 1.5)])
                    let run = try await cluster.api.submit(document)
                    let moment = Int.random(in: 1...240, using: &random)
                    _ = try await cluster.api.event(of: run.id, "event \(moment)") { $0.id >= moment }
                    try await cluster.crashAll()
                    try await cluster.startCoordinator()
                    for _ in 0..<2 { try await cluster.startWorker() }
                    let record = try await cluster.api.recorded(run.id, within: .seconds(60))
                    #expect(record.run.counts == ["completed": 121], "seed \(seed), round \(round), killed at event \(moment)")
                }
            }
        }
    }
}

/// SplitMix64, for moments that can be had again: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
