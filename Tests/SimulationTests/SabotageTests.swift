import BatonSimulation
import Testing

/// The simulation has to find what is wrong on purpose. None of these faults is in the product: each is put around it.
@Suite("Faults put in on purpose", .timeLimit(.minutes(5)))
struct SabotageTests {
    /// Runs seeds until some have failed, and tells by which invariants: one fault may show in several ways.
    private func find(_ sabotage: Sabotage, within seeds: UInt64 = 500) throws -> Set<String> {
        let report = try Campaign(count: seeds) { settings in
            settings.sabotage = sabotage
            // What is wrong shows with the state that a new coordinator reads, so there are many.
            settings.faults = [.coordinator, .store, .cancel, .cut, .stall, .worker]
        }.run(failures: 5)
        return Set(report.failures.compactMap { $0.violation?.invariant })
    }

    @Test("messages that are sent before the commit are found")
    func sentBeforeCommit() throws { #expect(try find(.sentBeforeCommit).contains("outbox")) }

    @Test("late reports that are taken for present ones are found")
    func staleAttempts() throws { #expect(try find(.staleAttempts).contains("one result")) }

    @Test("a join that counts a dependency twice is found")
    func joins() throws { #expect(try find(.joins).contains("dependency order")) }

    @Test("compensations in the wrong order are found")
    func compensationOrder() throws { #expect(try find(.compensationOrder).contains("compensations")) }

    @Test("cancelled attempts that start all the same are found")
    func cancelFence() throws { #expect(try find(.cancelFence).contains("cancel fence")) }
}
