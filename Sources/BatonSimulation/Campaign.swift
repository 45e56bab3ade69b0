import BatonModel
import Foundation
import Synchronization

/// Many seeds, several at a time, each in one thread.
package struct Campaign: Sendable {
    private let first: UInt64
    private let count: UInt64
    private let threads: Int
    private let configure: @Sendable (inout SimulationSettings) -> Void

    package init(first: UInt64 = 1, count: UInt64, threads: Int = 2, configure: @escaping @Sendable (inout SimulationSettings) -> Void = { _ in }) {
        self.first = first
        self.count = count
        self.threads = threads
        self.configure = configure
    }

    package struct Report: Sendable, CustomStringConvertible {
        package var seeds: UInt64 = 0
        package var steps = 0
        package var commits = 0
        package var starts = 0
        package var runs: [String: Int] = [:]
        package var time = Duration.zero
        package var failures: [SimulationResult] = []

        package var hasFailed: Bool { !failures.isEmpty }

        package var description: String {
            let rate = Double(seeds) * 1000 / Double(max(1, time.milliseconds))
            return "\(seeds) seeds in \(time.text), \(Int(rate.rounded())) a second; \(steps) steps, \(commits) commits, \(starts) attempts, runs \(runs.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")); \(failures.count) failed"
        }
    }

    private struct State {
        var next: UInt64 = 0
        var report = Report()
        var error: (any Error)?
    }

    /// - Parameters:
    ///   - limit: after so many failures no further seeds are begun.
    ///   - show: called with each failure.
    package func run(failures limit: Int = 10, show: @escaping @Sendable (String) -> Void = { _ in }) throws -> Report {
        let state = Mutex(State())
        let stores = try SimulationStores()
        defer { stores.remove() }
        let start = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while let seed = state.withLock({ state -> UInt64? in
                guard state.next < count, state.report.failures.count < limit, state.error == nil else { return nil }
                defer { state.next += 1 }
                return first + state.next
            }) {
                do {
                    let result = try run(seed, stores)
                    if result.violation != nil { show(result.summary) }
                    state.withLock { state in
                        state.report.seeds += 1
                        state.report.steps += result.steps
                        state.report.commits += result.commits
                        state.report.starts += result.starts
                        state.report.runs.merge(result.runs, uniquingKeysWith: +)
                        if result.violation != nil { state.report.failures.append(result) }
                    }
                } catch {
                    state.withLock { $0.error = error }
                }
            }
        }
        let (report, error) = state.withLock { ($0.report, $0.error) }
        if let error { throw error }
        var timed = report
        timed.time = .now - start
        return timed
    }

    private func run(_ seed: UInt64, _ stores: SimulationStores) throws -> SimulationResult {
        var settings = SimulationSettings(seed: seed)
        configure(&settings)
        return try stores.withStore("\(seed)") { Simulation(settings, store: $0).run() }
    }
}

extension SimulationResult {
    package var summary: String {
        guard let violation else { return "seed \(seed): \(steps) steps, \(commits) commits, all invariants hold" }
        return "seed \(seed): after \(steps) steps \(violation)"
    }
}
