import BatonModel
import BatonStore
import Testing

/// What people and programs see of runs and tasks.
@Suite("Views", .timeLimit(.minutes(1)))
struct ViewTests {
    private func view(
        _ state: TaskState, _ change: (inout TaskSpec) -> Void = { _ in },
        _ more: (any StoreTransaction, TaskKey) throws -> Void = { _, _ in }
    ) throws -> (detailed: TaskView, listed: TaskView) {
        var views: (TaskView, TaskView)?
        try StoreKind.withStore { store, _ in
            views = try store.write { transaction in
                let number = try transaction.insert(Fixture.run())
                try transaction.insert(Fixture.definition("t0", change), state, at: TaskKey(number, 0))
                try more(transaction, TaskKey(number, 0))
                return (
                    try #require(try transaction.task("t0", of: number)).view,
                    try #require(try transaction.tasks(of: number, status: state.status, limit: 1, from: 0).first).view
                )
            }
        }
        return try #require(views)
    }

    @Test("a plain task shows nothing of what it hasn't")
    func plain() throws {
        let (detailed, listed) = try view(Fixture.ended())
        for view in [detailed, listed] {
            #expect(view.role == nil && view.causedBy == nil && view.linkedTo == nil && view.child == nil && view.token == nil)
            #expect(view.items == nil && view.madeBy == nil && view.cached == nil && view.undone == nil)
            #expect(view.iteration == nil && view.feedback == nil && view.maxAttempts == 3 && view.critical)
        }
        #expect(detailed.inputs != nil && listed.inputs == nil)
    }

    @Test("a task shows who made its result, whether it was kept, whether it is undone, and what it was told")
    func marks() throws {
        let state = Fixture.ended {
            $0.flags = [.fallback, .cached, .undone]
            $0.iteration = 2
        }
        let (detailed, listed) = try view(state, { $0.rules.fallback = "plan-b" }) { transaction, key in
            try transaction.put(.feedback, JSON("shorter"), at: key)
            let compensation = TaskDefinition(
                TaskSpec(id: "t~compensate", handler: "undo"), dependencies: [], role: .compensation, origin: key.task)
            try transaction.insert(compensation, Fixture.ended(), at: TaskKey(key.run, key.task + 1))
        }
        for view in [detailed, listed] {
            #expect(view.madeBy == "plan-b" && view.cached == true && view.undone == true && view.iteration == 2)
        }
        #expect(detailed.feedback == JSON("shorter") && listed.feedback == nil)
    }

    @Test("a task that is a graph shows the run of its present attempt, and is tried once unless it says otherwise")
    func graph() throws {
        let change: (inout TaskSpec) -> Void = {
            $0.handler = .graph
            $0.rules.graph = Graph(name: "g", tasks: [TaskSpec(id: "a", handler: "b")])
        }
        let (detailed, listed) = try view(Fixture.queued(2), change) { transaction, _ in
            for number in 1...2 {
                let lineage = Lineage(family: "r1", parent: AttemptID(run: "r1", task: 0, number: number))
                _ = try transaction.insert(Fixture.run(RunID("c\(number)"), lineage: lineage))
            }
        }
        #expect(detailed.child == "c2" && listed.child == "c2" && listed.maxAttempts == 1 && listed.token == nil)
        #expect(try view(Fixture.queued(2)) { change(&$0); $0.retry = .default }.listed.maxAttempts == 3)
    }

    @Test(
        "a task that waits for an answer shows its token, and one that has ended none",
        arguments: [TaskStatus.pending, .queued, .running, .completed])
    func token(_ status: TaskStatus) throws {
        var state = TaskState(status: status)
        state.attempt = status == .pending ? 0 : 3
        let waits = status == .queued || status == .running
        let view = try view(state) {
            $0.handler = .answer
            $0.rules.answer = AnswerRule()
        }
        #expect(view.listed.token == (waits ? AttemptID(run: "r1", task: 0, number: 3) : nil))
        #expect(view.detailed.token == view.listed.token && view.listed.maxAttempts == 3)
    }

    @Test("a loop shows how far it is")
    func loop() throws {
        let views = try view(TaskState(status: .running), { $0.rules.loop = Loop(.stored) }) { transaction, key in
            try transaction.put(LoopState(total: 9, next: 5, open: 2, failed: 1), at: key)
        }
        #expect(views.listed.items == LoopView(total: 9, ended: 3, running: 2, failed: 1) && views.detailed.items == views.listed.items)
    }

    @Test("added tasks are listed after those of the document, with what they are for")
    func added() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended(), Fixture.queued()])
                let roles: [TaskNode.Role] = [.continuation, .item, .compensation]
                for (index, role) in roles.enumerated() {
                    try transaction.insert(
                        Fixture.added(TaskID("x\(index)"), role, for: 1, number: index), Fixture.queued(), at: TaskKey(number, index + 2))
                }
                let page = try transaction.tasks(of: number, status: nil, limit: 3, from: 1)
                #expect(page.map(\.index) == [1, 2, 3] && page.map(\.view.role) == [nil, .continuation, .item])
                #expect(page.map(\.view.causedBy) == [nil, "t1", "t1"] && page.map(\.view.critical) == [true, true, false])
                #expect(try transaction.tasks(of: number, status: .queued, limit: 9, from: 4).map(\.view.id) == ["x2"])
            }
        }
    }

    @Test("a run's failures and skipped tasks are those that count among its tasks")
    func counted() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun([Fixture.ended(.skipped), Fixture.ended(.failed)])
                try transaction.insert(Fixture.definition("t2") { $0.critical = false }, Fixture.ended(.failed), at: TaskKey(number, 2))
                let roles: [TaskNode.Role] = [.item, .continuation, .onFailed, .dispatched]
                for (index, role) in roles.enumerated() {
                    for status in [TaskStatus.failed, .skipped] {
                        try transaction.insert(
                            Fixture.added(TaskID("\(status)-\(role)"), role, for: 0) { $0.critical = false }, Fixture.ended(status),
                            at: TaskKey(number, 3 + 2 * index + (status == .failed ? 0 : 1)))
                    }
                }
                var progress = RunProgress()
                progress[.failed] = 4
                progress[.skipped] = 3
                try transaction.update(progress, of: number)
                let view = try transaction.view(of: try #require(try transaction.run(id: "r1")))
                #expect(view.nonCriticalFailures == ["t2", "failed-continuation", "failed-dispatched"])
                #expect(view.skipped == ["t0", "skipped-continuation", "skipped-dispatched"])
            }
        }
    }

    @Test("a run that failed shows what is undone and what could not be, by the last try of each")
    func undone() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let number = try transaction.insertRun(Array(repeating: Fixture.ended(), count: 4))
                let undoing: [(origin: Int, status: TaskStatus)] = [
                    (3, .failed), (3, .completed), (2, .failed), (1, .cancelled), (0, .running),
                ]
                for (index, entry) in undoing.enumerated() {
                    try transaction.insert(
                        Fixture.added(TaskID("u\(index)"), .compensation, for: entry.origin), TaskState(status: entry.status),
                        at: TaskKey(number, 4 + index))
                }
                var progress = RunProgress()
                progress.status = .compensating
                try transaction.update(progress, of: number)
                let view = try transaction.view(of: try #require(try transaction.run(id: "r1")))
                #expect(view.undone == ["t3"] && view.notUndone == ["t2", "t1"])
            }
        }
    }
}
