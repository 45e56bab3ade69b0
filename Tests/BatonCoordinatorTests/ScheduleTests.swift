import BatonCoordinator
import BatonModel
import BatonStore
import BatonTesting
import Testing

@Suite("G2 schedules", .timeLimit(.minutes(1)))
struct G2Schedules {
    private let clock = TestClock()
    private var start: Timestamp { clock.now }

    private func every(
        _ seconds: Int, handler: HandlerName = "work", in first: Int? = 60, until: Timestamp? = nil, times: Int? = nil,
        missed: Schedule.MissedPolicy = .once, overlap: Schedule.OverlapPolicy = .skip
    ) -> Schedule {
        Schedule(
            name: "s", recurrence: .every(.seconds(seconds)), graph: graph(task("a", handler: handler), key: "same").document,
            from: first.map { clock.now + .seconds($0) }, until: until, times: times, missed: missed, overlap: overlap)
    }

    private func runs(_ cluster: TestCluster) async throws -> [RunView] { try await cluster.runs(RunFilter(schedule: "s")).reversed() }

    /// Moves on, and waits for the ends of the runs that began.
    private func advance(_ seconds: Int, _ cluster: TestCluster) async throws {
        try await cluster.advance(by: .seconds(seconds))
        for run in try await runs(cluster) { try await cluster.wait(run.id) }
    }

    @Test("an interval: each occurrence is a run of its own, computed from the first")
    func interval() async throws {
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            let first = start + .seconds(60)
            #expect(try await cluster.createSchedule(every(60)).next == first)
            try await advance(59, cluster)
            #expect(try await runs(cluster).isEmpty)
            // A little late each time, which doesn't add up.
            for seconds in [6, 60, 60, 60, 60] { try await advance(seconds, cluster) }
            let runs = try await runs(cluster)
            #expect(runs.count == 5 && runs.allSatisfy { $0.schedule == "s" && $0.key == nil && $0.status == .completed })
            let view = try await cluster.schedule("s")
            #expect(view.started == 5 && view.lastRun == runs.last?.id && view.lastScheduled == first + .seconds(240))
            #expect(view.next == first + .seconds(300) && view.status == .active)
        }
    }

    @Test("a cron expression")
    func cron() async throws {
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            let schedule = Schedule(name: "s", recurrence: .cron(try CronExpression("*/15 * * * *")), graph: graph(task("a")).document)
            let next = try #require(try await cluster.createSchedule(schedule).next)
            #expect(next.milliseconds % 900_000 == 0)
            try await cluster.advance(by: next - clock.now - .seconds(1))
            try await advance(1, cluster)
            try await advance(900, cluster)
            #expect(try await runs(cluster).map(\.createdAt) == [next, next + .seconds(900)])
        }
    }

    @Test("it ends with its times, or at its end")
    func end() async throws {
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            try await cluster.createSchedule(every(60, times: 2))
            for _ in 0..<4 { try await advance(60, cluster) }
            #expect(try await runs(cluster).count == 2)
            #expect(try await cluster.schedule("s").status == .ended)
            try await cluster.removeSchedule("s")
            try await cluster.createSchedule(every(60, until: clock.now + .seconds(120)))
            for _ in 0..<4 { try await advance(60, cluster) }
            #expect(try await runs(cluster).count == 4)
        }
    }

    @Test("what was missed while nobody could look is made up for once, or not at all", arguments: [Schedule.MissedPolicy.once, .skip])
    func missed(_ policy: Schedule.MissedPolicy) async throws {
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            try await cluster.createSchedule(every(3600, in: 3600, missed: policy))
            await cluster.stopCoordinator()
            clock.advance(by: .seconds(3600 * 10 + 1800))
            try cluster.startCoordinator()
            try await advance(0, cluster)
            #expect(try await runs(cluster).count == (policy == .once ? 1 : 0))
            #expect(try await cluster.schedule("s").missed == (policy == .once ? 9 : 10))
            try await advance(1800, cluster)
            #expect(try await runs(cluster).count == (policy == .once ? 2 : 1))
        }
    }

    @Test("an occurrence that comes while another runs is left out, waits, or runs beside it", arguments: Schedule.OverlapPolicy.allCases)
    func overlap(_ policy: Schedule.OverlapPolicy) async throws {
        try await withCluster(clock: clock) { cluster in
            let gate = Journal<Void>()
            cluster.register("work") {
                try await gate.first()
                return "done"
            }
            try await cluster.createSchedule(every(60, overlap: policy))
            for _ in 0..<3 { try await cluster.advance(by: .seconds(60)) }
            let view = try await cluster.schedule("s")
            let (started, waiting, left) = switch policy {
            case .skip: (1, 0, 2)
            case .queue: (1, 2, 0)
            case .allow: (3, 0, 0)
            }
            #expect(view.started == started && view.waiting == waiting && view.overlapped == left)
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            gate.append(())
            let total = policy == .skip ? 1 : 3
            try await cluster.waitForCalls(of: "work", count: total)
            for run in try await runs(cluster) { try await cluster.wait(run.id) }
            #expect(try await runs(cluster).count == total)
            #expect(try await cluster.schedule("s").waiting == 0)
        }
    }

    @Test("paused nothing comes, and what the pause left out is not made up for")
    func pause() async throws {
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            try await cluster.createSchedule(every(60))
            #expect(try await cluster.pauseSchedule("s").status == .paused)
            for _ in 0..<3 { try await advance(60, cluster) }
            #expect(try await runs(cluster).isEmpty)
            #expect(try await cluster.resumeSchedule("s").status == .active)
            try await advance(60, cluster)
            #expect(try await runs(cluster).count == 1)
        }
    }

    @Test("a failed occurrence keeps the series, and so does one that is cancelled")
    func failure() async throws {
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(1))
            try await cluster.createSchedule(every(60))
            for _ in 0..<3 { try await advance(60, cluster) }
            #expect(try await runs(cluster).map(\.status) == [.failed, .completed, .completed])
        }
    }

    @Test("a deleted one starts nothing more, and its runs go on")
    func delete() async throws {
        try await withCluster(clock: clock) { cluster in
            let gate = Journal<Void>()
            cluster.register("work") {
                try await gate.first()
                return "done"
            }
            try await cluster.createSchedule(every(60, overlap: .queue))
            for _ in 0..<2 { try await cluster.advance(by: .seconds(60)) }
            try await cluster.removeSchedule("s")
            #expect(await cluster.refusal { try await cluster.schedule("s") } == .notFound)
            #expect(await cluster.refusal { try await cluster.removeSchedule("s") } == .notFound)
            #expect(await cluster.refusal { try await cluster.pauseSchedule("s") } == .notFound)
            gate.append(())
            try await advance(600, cluster)
            #expect(try await runs(cluster).map(\.status) == [.completed])
        }
    }

    @Test("one that can have no occurrence is refused, as is a name that is in use")
    func refused() async throws {
        try await withCluster(clock: clock) { cluster in
            #expect(await cluster.refusal { try await cluster.createSchedule(every(60, in: nil, until: clock.now + .seconds(-1))) } == .invalid)
            #expect(await cluster.refusal { try await cluster.createSchedule(every(60, in: 60, until: clock.now + .seconds(30))) } == .invalid)
            #expect(try await cluster.schedules().isEmpty)
            try await cluster.createSchedule(every(60))
            #expect(await cluster.refusal { try await cluster.createSchedule(every(60)) } == .conflict)
            #expect(try await cluster.schedules().map(\.name) == ["s"])
        }
    }

    @Test("one that can't be read back holds up nobody")
    func unreadable() async throws {
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            try await cluster.createSchedule(every(60))
            await cluster.stopCoordinator()
            let store = try SQLiteStore(path: cluster.storePath)
            try store.write { transaction in
                var bad = try #require(try transaction.schedule("s"))
                bad.name = "bad"
                bad.document = JSON("nonsense")
                bad.due = clock.now
                try transaction.put(bad)
            }
            store.close()
            try cluster.startCoordinator()
            try await advance(60, cluster)
            #expect(try await runs(cluster).map(\.status) == [.completed])
        }
    }

    @Test("one that can't be read any more starts nothing, and what led to it being looked at counts")
    func noLongerReadable() async throws {
        let kept = KeptStore()
        try await withCoordinator(clock: clock, configure: { $0.wrapStore = kept.keep }) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                _ = try await cluster.createSchedule(every(60, overlap: .queue))
                for _ in 0..<2 { try await cluster.advance(by: .seconds(60)) }
                let run = try #require(try await runs(cluster).first)
                // What lower limits, or a later version, no longer take.
                try kept.store.write { transaction in
                    var stored = try #require(try transaction.schedule("s"))
                    let graph = JSON(["name": "x", "tasks": []])
                    stored.document = Schedule(name: "s", recurrence: .every(.seconds(60)), graph: graph, overlap: .queue).document
                    try transaction.put(stored)
                }
                try await worker.complete("a")
                #expect(try await cluster.wait(run.id).status == .completed)
                #expect(try kept.store.read { try $0.schedule("s")?.due } == nil)
                try await cluster.advance(by: .seconds(600))
                #expect(try await runs(cluster).count == 1)
            }
        }
    }
}
