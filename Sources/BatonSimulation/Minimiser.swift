/// Makes a failing simulation smaller, as long as it fails in the same way: fewer kinds of faults, fewer graphs, smaller ones, fewer steps
/// with faults.
package struct Minimiser {
    private var settings: SimulationSettings
    /// How many simulations it may cost.
    private var budget = 40

    package init(_ settings: SimulationSettings) {
        self.settings = settings
        self.settings.isTraced = true
    }

    /// - Throws: `StoreError`, or what the file system says.
    package mutating func minimise() throws -> SimulationResult {
        let stores = try SimulationStores()
        defer { stores.remove() }
        var best = try run(settings, stores)
        guard let violation = best.violation else { return best }
        func isSame(_ result: SimulationResult) -> Bool { result.violation?.invariant == violation.invariant }
        for kind in FaultKind.allCases where settings.faults.contains(kind) {
            var smaller = settings
            smaller.faults.remove(kind)
            try attempt(smaller, &best, stores, isSame)
        }
        for change in [{ $0.graphs = 1 }, { $0.tasks = 3 }, { $0.tasks = 2 }] as [(inout SimulationSettings) -> Void] {
            var smaller = settings
            change(&smaller)
            try attempt(smaller, &best, stores, isSame)
        }
        while settings.faultySteps > 10, budget > 0 {
            var smaller = settings
            smaller.faultySteps /= 2
            let before = settings.faultySteps
            try attempt(smaller, &best, stores, isSame)
            if settings.faultySteps == before { break }
        }
        best.faults = settings.faults
        return best
    }

    private mutating func attempt(
        _ smaller: SimulationSettings, _ best: inout SimulationResult, _ stores: SimulationStores, _ isSame: (SimulationResult) -> Bool
    ) throws {
        guard budget > 0 else { return }
        budget -= 1
        let result = try run(smaller, stores)
        guard isSame(result) else { return }
        settings = smaller
        if result.steps <= best.steps { best = result }
    }

    private func run(_ settings: SimulationSettings, _ stores: SimulationStores) throws -> SimulationResult {
        try stores.withStore("\(settings.seed)-smaller") { Simulation(settings, store: $0).run() }
    }
}

extension SimulationResult {
    /// What led to the violation: its last steps.
    package var story: String {
        let kinds = faults.map(\.rawValue).sorted().joined(separator: ", ")
        return (["with faults of these kinds: \(kinds.isEmpty ? "none" : kinds)"] + trace.suffix(60) + [summary]).joined(separator: "\n")
    }
}
