import BatonModel
import BatonStore
import Foundation
import Testing

/// What every store keeps, held against the one there is. A second one is added to `StoreKind`.
@Suite("Store conformance", .timeLimit(.minutes(1)))
struct StoreConformance {
    @Test("what was written is read back, after a restart too")
    func roundTrip() throws {
        try StoreKind.withStore { store, reopen in
            let number = try store.write { transaction in
                let number = try transaction.insert(Fixture.run())
                var state = Fixture.queued()
                state.flags = [.published, .leased]
                state.worker = "w"
                state.timers = [TimerSet(.lease)]
                state.startedAt = Fixture.now
                state.progress = 0.5
                try transaction.insert(Fixture.definition("t0"), state, at: TaskKey(number, 0))
                let rich = Fixture.definition("t1", after: [0]) {
                    $0.retry = RetryPolicy(maxAttempts: 7, backoff: .explicit([.seconds(1)]), jitter: 0, only: ["a"])
                    $0.timeouts = Timeouts(attempt: .seconds(1), total: .seconds(2), queued: .seconds(3), heartbeat: .seconds(4))
                    $0.start = .after(.seconds(9))
                    $0.critical = false
                    $0.priority = .urgent
                    $0.queue = "q"
                    $0.params = JSON(["p": true])
                }
                try transaction.insert(rich, TaskState(), at: TaskKey(number, 1))
                try transaction.append(
                    StoredEvent(id: 1, at: Fixture.now, type: .taskQueued, task: 0, attempt: 1, data: JSON(["k": 1])), to: number)
                return number
            }
            let store = try reopen()
            let loaded = try #require(try store.read { try $0.load("r1") })
            #expect(loaded.run.number == number)
            #expect(loaded.run.header == Fixture.run().header)
            #expect(loaded.run.reply == Fixture.run().reply)
            #expect(loaded.nodes.map(\.id) == ["t0", "t1"])
            #expect(loaded.nodes[1].dependencies == [TaskNode.Edge(task: 0, condition: .finished)])
            #expect(loaded.nodes[1].retry.maxAttempts == 7 && loaded.nodes[1].timeouts.heartbeat == .seconds(4))
            #expect(loaded.nodes[1].priority == .urgent && !loaded.nodes[1].critical && loaded.nodes[1].start == .after(.seconds(9)))
            #expect(loaded.tasks[0].flags == [.published, .leased] && loaded.tasks[0].worker == "w")
            #expect(loaded.tasks[0].startedAt == Fixture.now && loaded.tasks[0].finishedAt == nil)
            let events = try store.read { try $0.events(of: number, id: "r1", after: 0, limit: 10) }
            #expect(events == [EventView(id: 1, run: "r1", at: Fixture.now, type: .taskQueued, task: "t0", attempt: 1, data: JSON(["k": 1]))])
        }
    }

    @Test("a transaction that fails changes nothing")
    func rollback() throws {
        struct Stop: Error {}
        try StoreKind.withStore { store, _ in
            #expect(throws: Stop.self) {
                try store.write { transaction in
                    _ = try transaction.insert(Fixture.run())
                    throw Stop()
                }
            }
            let stored = try store.read { try $0.run(id: "r1") }
            #expect(stored?.number == nil)
        }
    }

    @Test("A7: a key is found by its owner, and only by that one")
    func keys() throws {
        try StoreKind.withStore { store, _ in
            let number = try store.write { transaction in
                let number = try transaction.insert(Fixture.run("r1", key: "k", digest: [1]))
                _ = try transaction.insert(Fixture.run("r2", key: "k", owner: "o", digest: [2]))
                return number
            }
            #expect(try store.read { try $0.digest(of: number) } == [1])
            #expect(try store.read { try $0.run(owner: nil, key: "k")?.id } == "r1")
            #expect(try store.read { try $0.run(owner: "o", key: "k")?.digest } == [2])
            #expect(try store.read { try $0.run(owner: "p", key: "k")?.id } == nil)
            #expect(throws: StoreError.self) { try store.write { try $0.insert(Fixture.run("r3", key: "k")) } }
        }
    }

    @Test("B6: ready tasks come back oldest first; what is no longer ready is dropped")
    func backlog() throws {
        try StoreKind.withStore { store, _ in
            let level = QueueLevel(.default, .normal)
            let number = try store.write { transaction in
                let number = try transaction.insert(Fixture.run())
                for index in 0..<5 {
                    try transaction.insert(Fixture.definition(TaskID("t\(index)")), Fixture.queued(), at: TaskKey(number, index))
                    try transaction.enqueue(ReadyTask(number: Int64(index + 1), key: TaskKey(number, index), attempt: 1), on: level)
                }
                var cancelled = Fixture.queued()
                cancelled.status = .cancelled
                try transaction.update(cancelled, at: TaskKey(number, 1))
                try transaction.update(Fixture.queued(2), at: TaskKey(number, 2))
                return number
            }
            #expect(try store.read { try $0.lastNumbers().backlog } == 5)
            let first = try store.write { try $0.dequeue(level, limit: 2) }
            #expect(first.map(\.key.task) == [0, 3])
            #expect(try store.read { try $0.levels() }.first { $0.level == level }?.waiting == 1)
            let rest = try store.write { try $0.dequeue(level, limit: 10) }
            #expect(rest == [ReadyTask(number: 5, key: TaskKey(number, 4), attempt: 1)])
            #expect(try store.write { try $0.dequeue(level, limit: 10) }.isEmpty)
        }
    }

    @Test("the outbox keeps its order until it is confirmed")
    func outbox() throws {
        try StoreKind.withStore { store, reopen in
            let number = try store.write { try $0.insert(Fixture.run()) }
            let entries = [
                OutboxEntry(number: 1, content: .task(TaskKey(number, 0), attempt: 3)),
                OutboxEntry(number: 2, content: .outcome(number)),
                OutboxEntry(number: 3, content: .park(TaskKey(number, 0), attempt: 3, reason: "poison")),
            ]
            try store.write { transaction in for entry in entries { try transaction.append(entry) } }
            #expect(try reopen().read { try $0.outbox() } == entries)
        }
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insert(Fixture.run())
                for index in 1...4 { try transaction.append(OutboxEntry(number: Int64(index), content: .outcome(number))) }
                try transaction.removeOutbox(through: 3)
            }
            #expect(try store.read { try $0.outbox() }.map(\.number) == [4])
        }
    }

    @Test("timers come due in their order; one of a kind replaces another")
    func timers() throws {
        try StoreKind.withStore { store, _ in
            let number = try store.write { transaction in
                let number = try transaction.insert(Fixture.run())
                try transaction.arm(.retry, at: TaskKey(number, 0), due: Fixture.now + .seconds(2))
                try transaction.arm(.retry, at: TaskKey(number, 0), due: Fixture.now + .seconds(1))
                try transaction.arm(.runTimeout, at: TaskKey(number, -1), due: Fixture.now)
                try transaction.arm(.lease, at: TaskKey(number, 1), due: Fixture.now)
                try transaction.disarm(.lease, at: TaskKey(number, 1))
                return number
            }
            #expect(try store.read { try $0.nextTimer() } == Fixture.now)
            let due = try store.read { try $0.dueTimers(by: Fixture.now + .seconds(1), limit: 10) }
            #expect(due.map(\.key) == [TaskKey(number, -1), TaskKey(number, 0)])
            #expect(due.map(\.kind) == [.runTimeout, .retry])
            #expect(try store.read { try $0.dueTimers(by: Fixture.now + .milliseconds(-1), limit: 10) }.isEmpty)
        }
    }

    @Test("B3, B7: a task's message is made of its inputs, its dependencies' results, and why one is missing")
    func dispatch() throws {
        try StoreKind.withStore { store, _ in
            let key = try store.write { transaction in
                let number = try transaction.insert(Fixture.run())
                for (index, status) in [TaskStatus.completed, .failed].enumerated() {
                    try transaction.insert(Fixture.definition(TaskID("t\(index)")), TaskState(status: status), at: TaskKey(number, index))
                }
                try transaction.put(result: JSON(["total": 5]), at: TaskKey(number, 0))
                try transaction.put(error: TaskError(type: "e", message: "no"), at: TaskKey(number, 1))
                let key = TaskKey(number, 2)
                try transaction.insert(Fixture.definition("t2", after: [0, 1]), Fixture.queued(2), at: key)
                try transaction.put(.checkpoint, JSON(["at": 3]), at: key)
                try transaction.put(AttemptView(number: 1, status: "failed", error: TaskError(type: "f", message: "")), at: key)
                return key
            }
            let data = try #require(try store.read { try $0.dispatch(key) })
            #expect(data.spec.id == "t2" && data.spec.inputs == JSON(["id": "t2"]))
            #expect(data.dependencies.map(\.dependency.name) == ["in0", "in1"])
            #expect(data.dependencies[0].result == JSON(["total": 5]) && data.dependencies[0].error == nil)
            #expect(data.dependencies[1].result == nil && data.dependencies[1].error?.type == "e")
            #expect(data.parts == [.checkpoint: JSON(["at": 3])] && data.lastAttempt?.error?.type == "f")
        }
    }

    @Test("A second owner is refused with the reason, and may come once the first has gone")
    func lock() throws {
        try StoreKind.withStore { store, reopen in
            let error = #expect(throws: StoreError.self) { _ = try reopen(closing: false) }
            #expect(error?.code == .inUse)
            #expect(error?.description.contains("\(ProcessInfo.processInfo.processIdentifier)") == true)
            _ = try reopen()
            _ = store
        }
    }

    @Test("what can't be opened is refused with the reason")
    func unusable() throws {
        let missing = #expect(throws: StoreError.self) { _ = try SQLiteStore(path: "/nowhere/baton.sqlite") }
        #expect(missing?.description.contains("/nowhere") == true)
        let path = FileManager.default.temporaryDirectory.appending(path: "baton-\(UUID().uuidString).sqlite").path
        defer { for suffix in ["", ".lock", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        try String(repeating: "this is no database ", count: 500).write(toFile: path, atomically: true, encoding: .utf8)
        let garbage = #expect(throws: StoreError.self) { _ = try SQLiteStore(path: path) }
        #expect(garbage?.code == .unusable)
    }

    @Test("lists are filtered and paged, newest first")
    func lists() throws {
        try StoreKind.withStore { store, _ in
            let numbers = try store.write { transaction in try (0..<5).map { try transaction.insert(Fixture.run(RunID("r\($0)"))) } }
            let page = try store.read { try $0.runs(RunFilter(name: "order"), limit: 2, before: nil) }
            #expect(page.map(\.header.id) == ["r4", "r3"])
            #expect(try store.read { try $0.runs(RunFilter(), limit: 9, before: numbers[3]) }.map(\.header.id) == ["r2", "r1", "r0"])
            #expect(try store.read { try $0.runs(RunFilter(status: .failed), limit: 9, before: nil) }.isEmpty)
        }
    }
}
