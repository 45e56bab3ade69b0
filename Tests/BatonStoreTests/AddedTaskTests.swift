import BatonModel
import BatonStore
import Testing

/// Tasks that a run adds to those of its document.
@Suite("Added tasks", .timeLimit(.minutes(1)))
struct AddedTaskTests {
    @Test("a run is loaded with its document, and with those added tasks that have not ended")
    func load() throws {
        try StoreKind.withStore { store, reopen in
            let number = try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended(), Fixture.queued()])
                for index in 2..<6 {
                    try transaction.insert(
                        Fixture.added(TaskID("i\(index)"), .item, for: 1, number: index - 2) { $0.queue = "q" },
                        index == 4 ? Fixture.queued() : Fixture.ended(), at: TaskKey(number, index))
                }
                try transaction.insert(
                    TaskDefinition(
                        TaskSpec(id: "later", handler: "h", dependencies: [Dependency("t1")], critical: false), dependencies: [1],
                        role: .continuation, origin: 0), TaskState(), at: TaskKey(number, 6))
                try transaction.insert(Fixture.added("hook", .onFailed, for: 0), Fixture.queued(), at: TaskKey(number, 7))
                try transaction.insert(Fixture.added("gone", .validator, for: 0), Fixture.queued(), at: TaskKey(number, 8))
                try transaction.update(Fixture.ended(.failed), at: TaskKey(number, 8))
                try transaction.put(LoopState(total: 4, next: 3, open: 1, failed: 1, firstFailure: "no"), at: TaskKey(number, 1))
                try transaction.put(LoopState(total: 9), at: TaskKey(number, 0))
                return number
            }
            let loaded = try #require(try reopen().read { try $0.load("r1") })
            #expect(loaded.run.number == number)
            #expect(loaded.nodes.map(\.id) == ["t0", "t1"] && loaded.tasks.map(\.status) == [.completed, .queued])
            #expect(loaded.added.keys.sorted() == [4, 6, 7])
            #expect(loaded.count == 9)
            #expect(loaded.loops == [1: LoopState(total: 4, next: 3, open: 1, failed: 1, firstFailure: "no")])
            let item = try #require(loaded.added[4])
            #expect(item.node == TaskNode(id: "i4", handler: "h", queue: "q", critical: false, role: .item, origin: 1, number: 2))
            #expect(item.state == Fixture.queued())
            let later = try #require(loaded.added[6])
            #expect(later.node.dependencies == [TaskNode.Edge(task: 1, condition: .completed)])
            #expect(later.node.role == .continuation && later.node.origin == 0 && !later.node.critical)
            #expect(loaded.added[7]?.node.role == .onFailed)
        }
    }

    @Test("all that changes of a task is kept")
    func states() throws {
        try StoreKind.withStore { store, reopen in
            var state = Fixture.queued(5, [.examined, .linked, .held, .routed])
            state.base = 3
            state.iteration = 2
            state.rejections = 1
            state.order = 77
            state.losses = 4
            state.timers = [TimerSet(.answer), TimerSet(.start)]
            state.progress = 0.25
            state.worker = "w"
            state.firstQueuedAt = Fixture.now
            state.dueAt = Fixture.now + .seconds(1)
            try store.write { transaction in
                let number = try transaction.insertRun([state, TaskState()])
                try transaction.update(state, at: TaskKey(number, 1))
                var progress = RunProgress()
                progress.completions = 12
                progress.status = .compensating
                try transaction.update(progress, of: number)
            }
            let loaded = try #require(try reopen().read { try $0.load("r1") })
            #expect(loaded.tasks == [state, state])
            #expect(loaded.run.progress.completions == 12 && loaded.run.progress.status == .compensating)
        }
    }

    @Test("a task that goes on after its end is loaded again")
    func again() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended()])
                let key = TaskKey(number, 1)
                try transaction.insert(Fixture.added("c", .continuation, for: 0), Fixture.ended(), at: key)
                #expect(try transaction.load("r1")?.added.isEmpty == true)
                try transaction.update(TaskState(), at: key)
                #expect(try transaction.load("r1")?.added[1]?.state == TaskState())
            }
        }
    }

    @Test("an item's message is made of its loop, its dependencies and what it is")
    func item() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended()])
                let loop = TaskKey(number, 1)
                let definition = Fixture.definition("t1", after: [0]) { $0.rules.loop = Loop(.stored, as: "row") }
                try transaction.insert(definition, TaskState(status: .running), at: loop)
                try transaction.put(items: [JSON("a"), JSON("b")], at: loop)
                try transaction.put(result: JSON(["r": 1]), at: TaskKey(number, 0))
                try transaction.insert(
                    Fixture.added("t1-1", .item, for: 1, number: 1), Fixture.queued(), at: TaskKey(number, 2))
                let data = try #require(try transaction.dispatch(TaskKey(number, 2)))
                #expect(data.role == .item && data.number == 1 && data.item == JSON("b") && data.itemNumber == 1)
                #expect(data.origin?.index == 1 && data.origin?.spec == definition.spec && data.loop?.id == "t1")
                #expect(data.dependencies.map(\.result) == [JSON(["r": 1])] && data.dependencies.first?.dependency.name == "in0")
                #expect(data.dependencies.first?.finishedAt == Fixture.now)
                #expect(data.spec.inputs == nil && data.spec.dependencies.isEmpty && data.lastAttempt == nil)

                try transaction.insert(Fixture.added("undo", .compensation, for: 2), Fixture.queued(), at: TaskKey(number, 3))
                try transaction.put(result: JSON(2), at: TaskKey(number, 2))
                let undo = try #require(try transaction.dispatch(TaskKey(number, 3)))
                #expect(undo.origin?.spec.id == "t1-1" && undo.origin?.result == JSON(2))
                #expect(undo.item == JSON("b") && undo.loop?.id == "t1")
                #expect(undo.dependencies.map(\.result) == [JSON(["r": 1])])
            }
        }
    }

    @Test(
        "what belongs to another task's work gets that one's dependencies, what stands for itself its own",
        arguments: [TaskNode.Role.onFailed, .onCancelled, .continuation, .dispatched, .compensation, .validator, .compressor])
    func dependencies(of role: TaskNode.Role) throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended()])
                try transaction.insert(Fixture.definition("t1", after: [0]), Fixture.ended(.failed), at: TaskKey(number, 1))
                try transaction.put(error: TaskError(type: "e", message: "m"), at: TaskKey(number, 1))
                try transaction.put(.draft, JSON("d"), at: TaskKey(number, 1))
                try transaction.insert(Fixture.added("x", role, for: 1, number: 3), Fixture.queued(), at: TaskKey(number, 2))
                let data = try #require(try transaction.dispatch(TaskKey(number, 2)))
                #expect(data.role == role && data.number == 3)
                #expect(data.origin?.error?.type == "e" && data.origin?.draft == JSON("d") && data.origin?.result == nil)
                #expect(data.origin?.spec == Fixture.definition("t1", after: [0]).spec)
                #expect(data.dependencies.map(\.dependency.task) == (role.counts ? [] : ["t0"]))
                #expect(data.item == nil && data.loop == nil)
            }
        }
    }

    @Test("an attempt's message has the parts there are, and the attempt before it")
    func parts() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let key = TaskKey(try transaction.insertRun([Fixture.queued()]), 0)
                for (index, part) in TaskPart.allCases.enumerated() { try transaction.put(part, JSON(.integer(Int64(index))), at: key) }
                try transaction.put(.draft, nil, at: key)
                try transaction.put(AttemptView(number: 1, status: "completed"), at: key)
                #expect(try transaction.dispatch(key)?.parts == [.checkpoint: JSON(0), .feedback: JSON(1), .context: JSON(3)])
                #expect(try transaction.part(.feedback, key) == JSON(1))
                #expect(try transaction.part(.draft, key) == nil)
                #expect(try transaction.dispatch(key)?.lastAttempt == nil)
                var again = Fixture.queued()
                again.base = 1
                try transaction.update(again, at: key)
                #expect(try transaction.dispatch(key)?.lastAttempt?.status == "completed")
                try transaction.update(Fixture.queued(2), at: key)
                #expect(try transaction.dispatch(key)?.lastAttempt?.number == 1)
            }
        }
    }

    @Test("the results of a run are those of its last tasks, whether of the document or counted with it")
    func results() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended(), Fixture.ended()])
                try transaction.insert(Fixture.definition("t2", after: [0]), Fixture.ended(), at: TaskKey(number, 2))
                try transaction.insert(Fixture.added("i", .item, for: 2), Fixture.ended(), at: TaskKey(number, 3))
                try transaction.insert(Fixture.added("d", .dispatched, for: 2), Fixture.ended(), at: TaskKey(number, 4))
                try transaction.insert(
                    TaskDefinition(
                        TaskSpec(id: "e", handler: "h", dependencies: [Dependency("d")]), dependencies: [4], role: .dispatched,
                        origin: 2), Fixture.ended(), at: TaskKey(number, 5))
                for index in 0..<6 { try transaction.put(result: JSON(.integer(Int64(index))), at: TaskKey(number, index)) }
                let results = try #require(try transaction.results(of: number, limit: 3))
                #expect(results.map(\.0) == ["t1", "t2", "e"] && results.map(\.1) == [JSON(1), JSON(2), JSON(5)])
                #expect(try transaction.results(of: number, limit: 2) == nil)
            }
        }
    }

    @Test("what is with the broker is counted, in runs that undo and in ended ones too")
    func levels() throws {
        try StoreKind.withStore { store, reopen in
            try store.write { transaction in
                let statuses: [RunStatus] = [.running, .compensating, .failed]
                for (index, status) in statuses.enumerated() {
                    let number = try transaction.insertRun(
                        Fixture.run(RunID("r\(index)")), [Fixture.queued(1, .published), Fixture.ended { $0.flags = .published }])
                    var progress = RunProgress()
                    progress.status = status
                    try transaction.update(progress, of: number)
                    try transaction.insert(Fixture.added("x", .onFailed, for: 0), Fixture.queued(), at: TaskKey(number, 2))
                    try transaction.markPublished(TaskKey(number, 2))
                    try transaction.insert(Fixture.added("y", .item, for: 0), Fixture.queued(1, .backlogged), at: TaskKey(number, 3))
                    try transaction.enqueue(
                        ReadyTask(number: Int64(index), key: TaskKey(number, 3), attempt: 1), on: QueueLevel(.default, .normal))
                }
            }
            let levels = try reopen().read { try $0.levels() }
            #expect(levels.count == 1)
            #expect(levels.first?.published == 6 && levels.first?.waiting == 3)
        }
    }

    @Test("payloads and places are found one by one")
    func single() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([TaskState(), TaskState()])
                try transaction.put(error: TaskError(type: "e", message: "m"), at: TaskKey(number, 1))
                #expect(try transaction.input(of: number) == JSON(["x": 1]))
                #expect(try transaction.inputs(TaskKey(number, 1)) == JSON(["id": "t1"]))
                #expect(try transaction.error(TaskKey(number, 1))?.type == "e" && transaction.error(TaskKey(number, 0)) == nil)
                #expect(try transaction.index(of: "t1", in: number) == 1 && transaction.index(of: "t2", in: number) == nil)
                #expect(try transaction.dispatch(TaskKey(number, 2)) == nil)
            }
        }
    }

    @Test("a fan-in of a hundred thousand is read in one go")
    func fanIn() throws {
        try StoreKind.withStore { store, _ in
            let count = 100_000
            let key = try store.write { transaction in
                let number = try transaction.insert(Fixture.run())
                for index in 0..<count {
                    let spec = TaskSpec(id: TaskID("t\(index)"), handler: "h")
                    try transaction.insert(TaskDefinition(spec, dependencies: []), Fixture.ended(), at: TaskKey(number, index))
                    try transaction.put(result: JSON(.integer(Int64(index))), at: TaskKey(number, index))
                }
                let spec = TaskSpec(id: "end", handler: "h", dependencies: (0..<count).map { Dependency(TaskID("t\($0)")) })
                let key = TaskKey(number, count)
                try transaction.insert(TaskDefinition(spec, dependencies: Array((0..<count).reversed())), Fixture.queued(), at: key)
                return key
            }
            let data = try #require(try store.read { try $0.dispatch(key) })
            #expect(data.dependencies.count == count)
            #expect(data.dependencies.first?.result == JSON(.integer(Int64(count - 1))) && data.dependencies.last?.result == JSON(0))
            #expect(data.dependencies.first?.dependency.task == TaskID("t\(count - 1)"))
        }
    }
}
