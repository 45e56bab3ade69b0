import BatonModel
import BatonStore
import Testing

/// What tasks of all runs share, timers of all kinds, and schedules.
@Suite("Shared records", .timeLimit(.minutes(1)))
struct SharingTests {
    private let now = Fixture.now

    @Test("a gate keeps how it stands, and is forgotten once nothing has passed of late")
    func gates() throws {
        try StoreKind.withStore { store, reopen in
            let gate = Gate(name: "h/k", inside: 2, used: 5, periodStart: now)
            try store.write { try $0.put(gate) }
            let store = try reopen()
            #expect(try store.read { try $0.gate("h/k") } == gate)
            try store.write { try $0.put(Gate(name: "h/k", inside: 0, used: 1)) }
            #expect(try store.read { try $0.gate("h/k") } == Gate(name: "h/k", used: 1))
            try store.write { try $0.put(Gate(name: "h/k", periodStart: now)) }
            #expect(try store.read { try $0.gate("h/k") } == nil)
        }
    }

    @Test("attempts before a gate are let in oldest first; what waits no longer is dropped")
    func held() throws {
        try StoreKind.withStore { store, reopen in
            let run = try store.write { transaction in
                let states = [
                    Fixture.queued(2, .held), Fixture.ended(.cancelled), Fixture.queued(1, .held), Fixture.queued(),
                    Fixture.queued(1, .held), Fixture.queued(1, .held),
                ]
                let run = try transaction.insertRun(states)
                for index in states.indices {
                    let gate = index == 5 ? "other" : "g"
                    try transaction.hold(ReadyTask(number: Int64(10 - index), key: TaskKey(run, index), attempt: 1), at: gate)
                }
                return run
            }
            let store = try reopen()
            #expect(try store.read { try $0.lastNumbers().backlog } == 10)
            let taken = try store.write { transaction in try (0..<4).map { _ in try transaction.takeHeld(at: "g") } }
            #expect(taken.map { $0?.key.task } == [4, 2, nil, nil])
            #expect(taken[0] == ReadyTask(number: 6, key: TaskKey(run, 4), attempt: 1))
            #expect(try store.write { try $0.takeHeld(at: "other")?.key.task } == 5)
            #expect(try store.read { try $0.lastNumbers().backlog } == 0)
        }
    }

    @Test("a task's passes go all at once")
    func passes() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let run = try transaction.insertRun([TaskState(), TaskState()])
                for gate in ["b", "a", "b"] { try transaction.addPass(gate, of: TaskKey(run, 0)) }
                try transaction.addPass("a", of: TaskKey(run, 1))
                #expect(try transaction.passes(of: TaskKey(run, 0)) == ["a", "b"])
                try transaction.removePasses(of: TaskKey(run, 0))
                #expect(try transaction.passes(of: TaskKey(run, 0)).isEmpty && transaction.passes(of: TaskKey(run, 1)) == ["a"])
            }
        }
    }

    @Test("a breaker is kept as long as it has something to say")
    func breakers() throws {
        try StoreKind.withStore { store, reopen in
            let breaker = Breaker(failures: 3, openUntil: now, probe: AttemptID(run: "r", task: 1, number: 2))
            try store.write { try $0.put(breaker, of: "h") }
            let store = try reopen()
            #expect(try store.read { try $0.breaker(of: "h") } == breaker)
            try store.write { try $0.put(Breaker(), of: "h") }
            #expect(try store.read { try $0.breaker(of: "h") } == nil)
        }
    }

    @Test("a kept result is good until its time, and then forgotten")
    func kept() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                try transaction.keep(JSON(1), under: "d", until: now)
                try transaction.keep(JSON(2), under: "d", until: now + .seconds(1))
                try transaction.keep(JSON(3), under: "e", until: now + .seconds(2))
                #expect(try transaction.kept("d", at: now) == JSON(2))
                #expect(try transaction.kept("d", at: now + .seconds(1)) == nil && transaction.kept("x", at: now) == nil)
                try transaction.forgetResults(before: now + .seconds(1))
                #expect(try transaction.kept("d", at: now) == nil && transaction.kept("e", at: now) == JSON(3))
            }
        }
    }

    @Test("alarms ring in their order, once, and at the time given last")
    func alarms() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                try transaction.arm(alarm: "late", due: now)
                try transaction.arm(alarm: "late", due: now + .seconds(2))
                try transaction.arm(alarm: "early", due: now + .seconds(1))
                #expect(try transaction.dueAlarms(by: now, limit: 9).isEmpty)
                #expect(try transaction.dueAlarms(by: now + .seconds(2), limit: 9) == ["early", "late"])
                #expect(try transaction.dueAlarms(by: now + .seconds(2), limit: 1) == ["early"])
                try transaction.disarm(alarm: "early")
                #expect(try transaction.dueAlarms(by: now + .seconds(2), limit: 9) == ["late"])
            }
        }
    }

    @Test("the next time is that of a timer, an alarm or a schedule, whichever is first")
    func nextTime() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                #expect(try transaction.nextTimer() == nil)
                try transaction.put(schedule("s", due: now + .seconds(3)))
                try transaction.put(schedule("paused", due: nil))
                #expect(try transaction.nextTimer() == now + .seconds(3))
                try transaction.arm(alarm: "a", due: now + .seconds(2))
                #expect(try transaction.nextTimer() == now + .seconds(2))
                try transaction.arm(.answer, at: TaskKey(RunNumber(rawValue: 1), 0), due: now + .seconds(1))
                #expect(try transaction.nextTimer() == now + .seconds(1))
                #expect(try transaction.dueTimers(by: now + .seconds(1), limit: 9).map(\.kind) == [.answer])
            }
        }
    }

    @Test("only timers of the kinds named are put off, and none is brought forward")
    func postpone() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let keys = (0..<4).map { TaskKey(RunNumber(rawValue: 1), $0) }
                try transaction.arm(.lease, at: keys[0], due: now)
                try transaction.arm(.heartbeat, at: keys[1], due: now)
                try transaction.arm(.retry, at: keys[2], due: now)
                try transaction.arm(.lease, at: keys[3], due: now + .seconds(9))
                try transaction.postpone([.lease, .heartbeat], to: now + .seconds(5))
                try transaction.postpone([], to: now + .seconds(100))
                #expect(try transaction.dueTimers(by: now, limit: 9).map(\.key) == [keys[2]])
                #expect(Set(try transaction.dueTimers(by: now + .seconds(5), limit: 9).map(\.key.task)) == [0, 1, 2])
                #expect(try transaction.dueTimers(by: now + .seconds(9), limit: 9).last?.key == keys[3])
            }
        }
    }

    @Test("revoked attempts are forgotten some time after their run's end, others kept")
    func revoked() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                for (id, end) in [("old", now), ("new", now + .seconds(2)), ("open", nil)] as [(RunID, Timestamp?)] {
                    let number = try transaction.insert(Fixture.run(id))
                    var progress = RunProgress()
                    progress.finishedAt = end
                    try transaction.update(progress, of: number)
                    for task in 0..<2 { try transaction.revoke(AttemptID(run: id, task: task, number: 1)) }
                }
                try transaction.forgetRevoked(endedBefore: now + .seconds(1))
                #expect(try transaction.revoked().sorted() == ["new.0.1", "new.1.1", "open.0.1", "open.1.1"])
            }
        }
    }

    private func schedule(_ name: String, due: Timestamp?, lastRun: RunID? = nil) -> StoredSchedule {
        StoredSchedule(
            name: name, document: JSON(["cron": "* * * * *"]), series: JSON(["started": 1]), due: due, lastRun: lastRun, createdAt: now)
    }

    @Test("schedules are stored by name, listed page by page, and come due in their order")
    func schedules() throws {
        try StoreKind.withStore { store, reopen in
            let stored = ["b", "a", "c"].enumerated().map { schedule($1, due: now + .seconds($0), lastRun: RunID("r\($0)")) }
            try store.write { transaction in
                try transaction.put(schedule("a", due: nil))
                for schedule in stored { try transaction.put(schedule) }
            }
            let store = try reopen()
            try store.write { transaction in
                #expect(try transaction.schedule("a") == stored[1])
                #expect(try transaction.schedules(limit: 2, after: nil).map(\.name) == ["a", "b"])
                #expect(try transaction.schedules(limit: 2, after: "b") == [stored[2]])
                #expect(try transaction.dueSchedules(by: now + .seconds(1), limit: 9) == ["b", "a"])
                try transaction.removeSchedule("b")
                #expect(try transaction.schedule("b") == nil && transaction.dueSchedules(by: now + .seconds(9), limit: 9) == ["a", "c"])
            }
        }
    }

    @Test("a schedule's runs that go on are counted, those that undo included")
    func openRuns() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                for (index, status) in (RunStatus.allCases + [.running]).enumerated() {
                    let id = RunID("r\(index)")
                    let number = try transaction.insert(
                        Fixture.run(id, lineage: Lineage(family: id, schedule: index == 5 ? "other" : "s")))
                    var progress = RunProgress()
                    progress.status = status
                    try transaction.update(progress, of: number)
                }
                _ = try transaction.insert(Fixture.run("plain"))
                #expect(try transaction.openRuns(of: "s") == 2 && transaction.openRuns(of: "other") == 1)
                #expect(try transaction.openRuns(of: "none") == 0)
            }
        }
    }

    @Test("a handler's hooks are kept as long as it has some")
    func hooks() throws {
        try StoreKind.withStore { store, reopen in
            try store.write { transaction in
                try transaction.put(hooks: [.onFailed, .onCancelled], of: "h")
                try transaction.put(hooks: [.onFailed], of: "i")
                try transaction.put(hooks: [.onFailed], of: "j")
                try transaction.put(hooks: [], of: "j")
            }
            let store = try reopen()
            #expect(try store.read { try $0.hooks() } == ["h": [.onFailed, .onCancelled], "i": [.onFailed]])
            #expect(try store.read { try $0.hooks(of: "h") } == [.onFailed, .onCancelled])
            #expect(try store.read { try $0.hooks(of: "j") }.isEmpty)
        }
    }

    @Test("outbox entries are removed one by one too, wherever they stand")
    func outbox() throws {
        try StoreKind.withStore { store, _ in
            let left = try store.write { transaction in
                let run = try transaction.insertRun([TaskState()])
                for number in 1...6 {
                    try transaction.append(OutboxEntry(number: Int64(number), content: .task(TaskKey(run, 0), attempt: number)))
                }
                try transaction.removeOutbox([])
                try transaction.removeOutbox([2, 5, 6, 99])
                try transaction.removeOutbox(through: 1)
                return try transaction.outbox().map(\.number)
            }
            #expect(left == [3, 4])
        }
    }

    @Test("a task with a result has no error, whatever an earlier attempt left")
    func resultAfterError() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let run = try transaction.insertRun([Fixture.ended(), Fixture.ended(.failed)])
                for index in 0...1 { try transaction.put(error: TaskError(type: "e", message: "no"), at: TaskKey(run, index)) }
                try transaction.put(result: JSON("fine"), at: TaskKey(run, 0))
                #expect(try transaction.error(TaskKey(run, 0)) == nil)
                #expect(try transaction.result(TaskKey(run, 0)) == JSON("fine"))
                #expect(try transaction.error(TaskKey(run, 1))?.message == "no")
            }
        }
    }
}
