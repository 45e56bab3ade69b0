import BatonModel
import BatonStore
import Testing

extension StoreConformance {
    @Test("K5: where a queued attempt waits is counted before a gate, in the backlog, and with the broker")
    func places() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let states = [Fixture.queued(1, .held), Fixture.queued(1, .held), Fixture.queued(1, .backlogged), Fixture.queued(1, .backlogged), Fixture.queued(1, .published), Fixture.queued(1, .published)]
                let run = try transaction.insertRun(states)
                let level = QueueLevel(.default, .normal)
                for index in 0..<2 { try transaction.hold(ReadyTask(number: Int64(index + 1), key: TaskKey(run, index), attempt: 1), at: "limit:h:") }
                for index in 2..<4 { try transaction.enqueue(ReadyTask(number: Int64(index + 1), key: TaskKey(run, index), attempt: 1), on: level) }
                try transaction.addPass("limit:h:", of: TaskKey(run, 5))
                let places = try (0..<6).map { index in
                    try transaction.place(of: try #require(try transaction.standing(TaskKey(run, index))))
                }
                #expect(places.map(\.ahead) == [0, 1, 0, 1, 0, 1])
                #expect(places.map(\.gate) == ["limit:h:", "limit:h:", nil, nil, nil, nil])
                #expect(try transaction.inside("limit:h:", limit: 9) == [TaskReference(run: "r1", task: "t5")])
            }
        }
    }

    @Test("K5: a task's standing, its dependencies', what was added for it, and its timers")
    func standings() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                var running = Fixture.queued(1, .published)
                running.status = .running
                running.worker = "w"
                let run = try transaction.insertRun([Fixture.ended(), running])
                let rich = Fixture.definition("t2", after: [0, 1]) { $0.rules.limit = SharedLimit(concurrency: 2) }
                try transaction.insert(rich, TaskState(), at: TaskKey(run, 2))
                try transaction.insert(Fixture.added("t1~0", .item, for: 1), Fixture.queued(), at: TaskKey(run, 3))
                try transaction.insert(Fixture.added("t1~v", .validator, for: 1), Fixture.queued(), at: TaskKey(run, 4))
                try transaction.put(error: TaskError(type: "e", message: "no"), at: TaskKey(run, 1))
                try transaction.arm(.lease, at: TaskKey(run, 1), due: Fixture.now)
                let standing = try #require(try transaction.standing(TaskKey(run, 2)))
                #expect(standing.node.id == "t2" && standing.node.rules.limit?.concurrency == 2 && standing.error == nil)
                #expect(try transaction.standing(TaskKey(run, 1))?.error?.type == "e")
                #expect(try transaction.standing(TaskKey(run, 9))?.key == nil)
                let dependencies = try transaction.dependencyStandings(of: TaskKey(run, 2))
                #expect(dependencies.map(\.id) == ["t0", "t1"] && dependencies.map(\.status) == [.completed, .running])
                #expect(dependencies.map(\.condition) == [.finished, .finished])
                #expect(try transaction.underWay(in: run, limit: 9) == [1, 4], "without items, and what waits for tasks")
                #expect(try transaction.open(.validator, for: 1, in: run, limit: 9) == [4])
                #expect(try transaction.dueTimes(of: TaskKey(run, 1)) == [.lease: Fixture.now])
                #expect(try transaction.runningCounts() == ["w": 1])
            }
        }
    }

    @Test("K7: pictures are made of all tasks but items, and of every attempt")
    func pictures() throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let run = try transaction.insertRun([Fixture.ended { $0.attempt = 2 }, TaskState()])
                try transaction.put(AttemptView(number: 1, status: "failed", error: TaskError(type: "f", message: "")), at: TaskKey(run, 0))
                try transaction.insert(Fixture.added("t0~0", .item, for: 0), Fixture.queued(), at: TaskKey(run, 2))
                try transaction.insert(Fixture.added("t0~c", .continuation, for: 0), Fixture.queued(), at: TaskKey(run, 3))
                try transaction.put(LoopState(total: 3, next: 1, open: 1), at: TaskKey(run, 0))
                let outlines = try transaction.outlines(of: run, limit: 9)
                #expect(outlines.map(\.node.id) == ["t0", "t1", "t0~c"] && outlines.map(\.loop?.total) == [3, nil, nil])
                #expect(try transaction.outlines(of: run, limit: 1).count == 1)
                let attempts = try transaction.attempts(of: run, limit: 9)
                #expect(attempts.map(\.id) == ["t0", "t0~0", "t0~c"])
                #expect(attempts[0].attempts.map(\.number) == [1, 2] && attempts[0].attempts.map(\.status) == ["failed", "completed"])
            }
        }
    }
}
