import BatonModel
import BatonStore
import Testing

/// Tasks that show another run's results, and runs that are kept.
@Suite("Links and archives", .timeLimit(.minutes(1)))
struct LinkTests {
    @Test("a link shows the result of its source wherever results are read, and leads to the first of several")
    func links() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let first = TaskKey(try transaction.insertRun(Fixture.run("r1"), [Fixture.ended()]), 0)
                try transaction.put(result: JSON("made once"), at: first)
                let linked = Fixture.ended { $0.flags = .linked }
                let second = TaskKey(try transaction.insertRun(Fixture.run("r2"), [linked]), 0)
                try transaction.link(second, to: first)
                let run = try transaction.insertRun(Fixture.run("r3"), [linked])
                let third = TaskKey(run, 0)
                try transaction.link(third, to: second)
                try transaction.clear(second)
                #expect(try transaction.result(second) == nil)
                #expect(try transaction.result(third) == JSON("made once"))
                #expect(try transaction.results(of: run, limit: 100)?.map(\.1) == [JSON("made once")])
                let view = try transaction.task("t0", of: run)?.view
                #expect(view?.result == JSON("made once") && view?.linkedTo == TaskReference(run: "r1", task: "t0"))
                #expect(try transaction.tasks(of: run, status: nil, limit: 9, from: 0).first?.view.linkedTo?.run == "r1")

                try transaction.insert(Fixture.definition("t1", after: [0]), Fixture.queued(), at: TaskKey(run, 1))
                #expect(try transaction.dispatch(TaskKey(run, 1))?.dependencies.first?.result == JSON("made once"))
                try transaction.insert(Fixture.added("c", .continuation, for: 0), Fixture.queued(), at: TaskKey(run, 2))
                #expect(try transaction.dispatch(TaskKey(run, 2))?.origin?.result == JSON("made once"))
                try transaction.put(items: [JSON(1)], at: TaskKey(run, 1))
                try transaction.insert(Fixture.added("i", .item, for: 1), linked, at: TaskKey(run, 3))
                try transaction.link(TaskKey(run, 3), to: first)
                let list = try transaction.collected(TaskKey(run, 1), count: 1, adding: [:], limit: 100)
                #expect(list?.description == #"["made once"]"#)
            }
        }
    }

    @Test("clearing a task takes what it made, and leaves its attempts and its neighbours")
    func clear() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended(), Fixture.ended()])
                let keys = [TaskKey(number, 0), TaskKey(number, 1)]
                for key in keys {
                    try transaction.put(result: JSON(1), at: key)
                    try transaction.put(error: TaskError(type: "e", message: ""), at: key)
                    for part in TaskPart.allCases { try transaction.put(part, JSON(1), at: key) }
                    try transaction.put(AttemptView(number: 1, status: "completed"), at: key)
                }
                try transaction.clear(keys[0])
                #expect(try transaction.result(keys[0]) == nil && transaction.error(keys[0]) == nil)
                #expect(try transaction.dispatch(keys[0])?.parts.isEmpty == true)
                #expect(try transaction.task("t0", of: number)?.view.history?.count == 1)
                #expect(try transaction.result(keys[1]) == JSON(1) && transaction.dispatch(keys[1])?.parts.count == 4)
            }
        }
    }

    @Test("an archive shows what its run showed, whatever becomes of that one, and has nothing under way")
    func archive() throws {
        try StoreKind.withStore { store, reopen in
            let header = RunHeader(
                id: "a1", name: "order", correlationID: "c2", owner: "o", createdAt: Fixture.now + .seconds(5),
                lineage: Lineage(family: "r0", origin: "r1", kind: .archive))
            let before = try store.write { transaction in
                let other = TaskKey(try transaction.insertRun(Fixture.run("r0"), [Fixture.ended()]), 0)
                try transaction.put(result: JSON("linked"), at: other)
                let number = try transaction.insertRun([
                    Fixture.ended { $0.flags = [.published, .backlogged, .undone]; $0.timers = TimerSet(.lease) },
                    Fixture.ended(.failed) { $0.iteration = 2 }, Fixture.ended { $0.flags = .linked },
                ])
                try transaction.put(result: JSON(1), at: TaskKey(number, 0))
                try transaction.put(error: TaskError(type: "e", message: "m"), at: TaskKey(number, 1))
                try transaction.put(.feedback, JSON("better"), at: TaskKey(number, 1))
                try transaction.put(AttemptView(number: 1, status: "failed"), at: TaskKey(number, 1))
                try transaction.put(items: [JSON("i")], at: TaskKey(number, 0))
                try transaction.put(LoopState(total: 1, next: 1), at: TaskKey(number, 0))
                try transaction.link(TaskKey(number, 2), to: other)
                try transaction.insert(Fixture.added("i", .item, for: 0), Fixture.ended(), at: TaskKey(number, 3))
                try transaction.put(result: JSON("of item"), at: TaskKey(number, 3))
                try transaction.append(
                    StoredEvent(id: 1, at: Fixture.now, type: .taskCompleted, task: 0, attempt: 1, data: nil), to: number)
                try transaction.arm(.lease, at: TaskKey(number, 0), due: Fixture.now)
                var progress = RunProgress()
                progress.status = .failed
                progress.finishedAt = Fixture.now
                progress[.completed] = 2
                progress[.failed] = 1
                progress.lastEvent = 1
                progress.completions = 3
                progress.ending = .init(status: .failed, error: TaskError(type: "runFailed", message: "m"))
                try transaction.update(progress, of: number)
                _ = try transaction.archive(number, as: header)
                return try #require(try transaction.run(id: "r1"))
            }
            let store = try reopen()
            try store.write { transaction in
                let archive = try #require(try transaction.run(id: "a1"))
                #expect(archive.header == header && archive.progress == before.progress && archive.reply == nil)
                #expect(try transaction.input(of: archive.number) == JSON(["x": 1]))
                for task in ["t0", "t1", "t2", "i"] as [TaskID] {
                    let kept = try #require(try transaction.task(task, of: archive.number))
                    let original = try #require(try transaction.task(task, of: before.number))
                    #expect(kept == original)
                }
                let views = try transaction.tasks(of: archive.number, status: nil, limit: 9, from: 0).map(\.view)
                #expect(views.map(\.id) == ["t0", "t1", "t2", "i"] && views[0].items == LoopView(total: 1, ended: 1, running: 0, failed: 0))
                #expect(try transaction.collected(TaskKey(archive.number, 0), count: 1, adding: [:], limit: 99) == JSON(["of item"]))
                let events = try transaction.events(of: archive.number, id: "a1", after: 0, limit: 9)
                #expect(events.map(\.task) == ["t0"] && events.map(\.run) == ["a1"])
                #expect(try transaction.events(of: before.number, id: "r1", after: 0, limit: 9).count == 1)
                let loaded = try #require(try transaction.load("a1"))
                #expect(loaded.tasks[0].flags == .undone && loaded.tasks[0].timers == [] && loaded.count == 4)
                #expect(try transaction.dueTimers(by: Fixture.now, limit: 9).map(\.key.run) == [before.number])

                try transaction.clear(TaskKey(before.number, 0))
                #expect(try transaction.result(TaskKey(archive.number, 0)) == JSON(1))
                #expect(try transaction.runs(RunFilter(origin: "r1"), limit: 9, before: nil).map(\.header.id) == ["a1"])
            }
        }
    }
}

extension LinkTests {
    @Test("runs are found by their family, their origin, their schedule and their parent")
    func lineage() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let attempt = AttemptID(run: "r1", task: 0, number: 2)
                _ = try transaction.insertRun(Fixture.run("r1"), [TaskState()])
                _ = try transaction.insert(Fixture.run("r2", lineage: Lineage(family: "r1", parent: attempt)))
                _ = try transaction.insert(Fixture.run("r3", lineage: Lineage(family: "r1", origin: "r2", kind: .copy)))
                _ = try transaction.insert(Fixture.run("r4", lineage: Lineage(family: "r4", schedule: "nightly")))
                func ids(_ filter: RunFilter) throws -> [RunID] {
                    try transaction.runs(filter, limit: 9, before: nil).map(\.header.id)
                }
                #expect(try ids(RunFilter(family: "r1")) == ["r3", "r2", "r1"])
                #expect(try ids(RunFilter(name: "order", family: "r1", origin: "r2")) == ["r3"])
                #expect(try ids(RunFilter(schedule: "nightly")) == ["r4"] && ids(RunFilter(name: "x", schedule: "nightly")).isEmpty)
                #expect(try transaction.child(of: attempt) == "r2")
                #expect(try transaction.child(of: AttemptID(run: "r1", task: 0, number: 1)) == nil)
                for id in ["r1", "r2", "r3", "r4"] as [RunID] { #expect(try transaction.run(id: id)?.header.id == id) }
                #expect(try transaction.run(id: "r2")?.header.lineage == Lineage(family: "r1", parent: attempt))
                #expect(try transaction.run(id: "r3")?.header.lineage == Lineage(family: "r1", origin: "r2", kind: .copy))
                let view = try transaction.view(of: try #require(try transaction.run(id: "r2")))
                #expect(view.family == "r1" && view.parent == TaskReference(run: "r1", task: "t0") && view.origin == nil)
                let copy = try transaction.view(of: try #require(try transaction.run(id: "r3")))
                #expect(copy.origin == "r2" && copy.kind == .copy && copy.parent == nil)
                #expect(try transaction.view(of: try #require(try transaction.run(id: "r4"))).schedule == "nightly")
            }
        }
    }
}
