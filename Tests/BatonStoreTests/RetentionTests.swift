import BatonModel
import BatonStore
import Testing

/// What becomes of the rows of runs that have been kept for long enough.
@Suite("Retention", .timeLimit(.minutes(1)))
struct RetentionTests {
    /// Completed runs of so many tasks each, and one that goes on.
    private func insert(_ runs: Int, tasks: Int, _ transaction: any StoreTransaction) throws -> [RunNumber] {
        let numbers = try (0..<runs).map { index in
            let states = Array(repeating: Fixture.ended(), count: tasks)
            let number = try transaction.insertRun(Fixture.run(RunID("r\(index)")), states)
            for task in 0..<tasks {
                let key = TaskKey(number, task)
                try transaction.put(result: JSON(1), at: key)
                try transaction.put(AttemptView(number: 1, status: "completed"), at: key)
                try transaction.append(
                    StoredEvent(id: task + 1, at: Fixture.now, type: .taskCompleted, task: task, attempt: 1, data: nil), to: number)
            }
            try transaction.put(items: [JSON(1), JSON(2)], at: TaskKey(number, 0))
            var progress = RunProgress()
            progress.status = .completed
            progress.finishedAt = Fixture.now
            try transaction.update(progress, of: number)
            return number
        }
        let open = try transaction.insertRun(Fixture.run("open"), [Fixture.ended()])
        try transaction.put(result: JSON("stays"), at: TaskKey(open, 0))
        return numbers + [open]
    }

    private func hasRows(_ number: RunNumber, tasks: Int, _ store: any StoreReader) throws -> Bool {
        if try store.itemCount(of: TaskKey(number, 0)) > 0 { return true }
        if try !store.events(of: number, id: "r", after: 0, limit: 1).isEmpty { return true }
        return try (0..<tasks).contains { try store.result(TaskKey(number, $0)) != nil || store.inputs(TaskKey(number, $0)) != nil }
    }

    @Test("the rows of many small runs go in few portions")
    func small() throws {
        try StoreKind.withStore { store, _ in
            let numbers = try store.write { try insert(200, tasks: 1, $0) }
            let retired = try store.write { try $0.retire(.completed, endedBefore: Fixture.now + .seconds(1), limit: 500) }
            #expect(retired.count == 200)
            var portions = 0
            while try store.write({ try $0.purge(rows: 2000) }) { portions += 1 }
            #expect(portions < 10)
            let left = try store.read { reader in try numbers.dropLast().filter { try hasRows($0, tasks: 1, reader) } }
            #expect(left.isEmpty)
            let other = try store.read { try $0.result(TaskKey(numbers[200], 0)) }
            #expect(other == JSON("stays"))
        }
    }

    @Test("a large run goes in several portions, and all of it")
    func large() throws {
        try StoreKind.withStore { store, _ in
            let numbers = try store.write { try insert(1, tasks: 1000, $0) }
            _ = try store.write { try $0.retire(.completed, endedBefore: Fixture.now + .seconds(1), limit: 500) }
            let before = try store.read { (run: try $0.run(id: "r0"), hasRows: try hasRows(numbers[0], tasks: 1000, $0)) }
            #expect(before.run == nil && before.hasRows)
            var portions = 0
            while try store.write({ try $0.purge(rows: 400) }) { portions += 1 }
            #expect(portions > 10 && portions < 60)
            let after = try store.read { (hasRows: try hasRows(numbers[0], tasks: 1000, $0), other: try $0.result(TaskKey(numbers[1], 0))) }
            #expect(!after.hasRows && after.other == JSON("stays"))
        }
    }

    @Test("with nothing left to remove it says so")
    func nothing() throws {
        try StoreKind.withStore { store, _ in
            let hasPurged = try store.write { transaction in
                _ = try transaction.insertRun([Fixture.ended()])
                return try transaction.purge(rows: 100)
            }
            #expect(!hasPurged)
        }
    }
}
