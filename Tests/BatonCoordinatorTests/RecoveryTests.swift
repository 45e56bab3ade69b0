import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("E3, A4 silence that nobody could hear", .timeLimit(.minutes(1)))
struct E3UnheardSilence {
    private func leased(_ worker: ScriptedWorker, _ cluster: TestCluster) async throws -> (run: RunID, attempt: AttemptID) {
        let run = try await cluster.submit(graph(task("a").with { $0.timeouts.heartbeat = .seconds(20) }))
        let (delivery, message) = try await worker.message("a")
        try await worker.report(.lease, of: message.attempt)
        try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
        delivery.acknowledge()
        return (run.id, message.attempt)
    }

    /// It is not given up now, and with a heartbeat it lives on; without one it doesn't.
    private func livesOn(_ run: RunID, _ attempt: AttemptID, _ worker: ScriptedWorker, _ cluster: TestCluster) async throws {
        try await cluster.advance(by: .zero)
        #expect(try await cluster.task("a", of: run).status == .running)
        try await cluster.advance(by: .seconds(15))
        #expect(try await cluster.task("a", of: run).status == .running)
        try await worker.report(.progress(.init(fraction: 0.5)), of: attempt)
        try await cluster.waitForEvent(run) { $0.type == .taskProgress && $0.data?.value["fraction"] == 0.5 }
        try await cluster.advance(by: .seconds(19))
        #expect(try await cluster.task("a", of: run).status == .running)
        try await cluster.advance(by: .seconds(2))
        #expect(try await cluster.wait(run).status == .failed)
        #expect(try await cluster.task("a", of: run).error?.type == TaskError.Kind.timeout)
    }

    @Test("while the coordinator was away")
    func restart() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let (run, attempt) = try await leased(worker, cluster)
                await cluster.stopCoordinator()
                clock.advance(by: .seconds(100))
                try cluster.startCoordinator()
                try await livesOn(run, attempt, worker, cluster)
            }
        }
    }

    @Test("while the store refused, whoever tried it", arguments: [true, false])
    func store(_ withReport: Bool) async throws {
        let clock = TestClock()
        let disk = FailingStore.Switch()
        try await withCoordinator(clock: clock, configure: { $0.wrapStore = { FailingStore($0, disk) } }) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let (run, attempt) = try await leased(worker, cluster)
                disk.isFailing = true
                if withReport {
                    try await worker.report(.progress(.init(fraction: 0.1)), of: attempt)
                } else {
                    #expect(await cluster.refusal { try await cluster.submit(graph(task("x"))) } == .unavailable)
                }
                // It is tried again and again, although there is nothing left to store.
                try await disk.refusals.wait(for: disk.refusals.all.count + 2)
                #expect(try await cluster.coordinator.health().ready == false)
                clock.advance(by: .seconds(100))
                try await disk.refusals.wait(for: disk.refusals.all.count + 1)
                disk.isFailing = false
                try await livesOn(run, attempt, worker, cluster)
            }
        }
    }

    @Test("while the broker took nothing")
    func broker() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let (run, attempt) = try await leased(worker, cluster)
                cluster.broker.block()
                while try await cluster.coordinator.health().broker == "ok" { try await cluster.coordinator.tick() }
                let waiting = Task { try await worker.report(.heartbeat, of: attempt) }
                for _ in 0..<4 { try await cluster.advance(by: .seconds(50)) }
                #expect(try await cluster.task("a", of: run).status == .running)
                cluster.broker.unblock()
                try await waiting.value
                while try await cluster.coordinator.health().broker != "ok" { try await cluster.coordinator.tick() }
                try await livesOn(run, attempt, worker, cluster)
            }
        }
    }
}

@Suite("a fault of the coordinator's own", .timeLimit(.minutes(1)))
struct FaultyInputs {
    @Test("a full disk and back: limits, twins and children go on")
    func outage() async throws {
        let disk = FailingStore.Switch()
        var settings = TestClusterSettings()
        settings.wrapStore = { FailingStore($0, disk) }
        try await withCluster(settings) { cluster in
            cluster.register("work", .succeeding("x"))
            let limited = (0..<20).map { task(TaskID("l\($0)")).with { $0.rules.limit = SharedLimit(concurrency: 1) } }
            let twins = (0..<5).map { task(TaskID("c\($0)")).with { $0.rules.cache = CacheRule(ttl: .seconds(60)) } }
            let child = task("sub", handler: .graph).with { $0.rules.graph = graph(task("i"), task("j", after: .init("i"))) }
            let run = try await cluster.submit(Graph(name: "all", tasks: limited + twins + [child]))
            for count in [3, 9, 15] {
                try await cluster.waitForCalls(of: "work", count: count)
                disk.isFailing = true
                let refused = disk.refusals.all.count
                try await disk.refusals.wait(for: refused + 1)
                disk.isFailing = false
            }
            #expect(try await cluster.wait(run.id).counts == ["completed": 26])
            #expect(cluster.calls(of: "work").filter { $0.task.rawValue.hasPrefix("l") }.map(\.task) == limited.map(\.id))
        }
    }
}

@Suite("A4 what happened while the coordinator was away", .timeLimit(.minutes(1)))
struct A4WhileAway {
    @Test("what a worker finished while the coordinator was away counts, whatever time has run out meanwhile", arguments: 0..<4)
    func finished(_ which: Int) async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(
                    graph(
                        task("a").with {
                            if which == 0 { $0.timeouts.attempt = .seconds(30) }
                            if which == 1 { $0.timeouts.queued = .seconds(30) }
                        }))
                let (delivery, message) = try await worker.message("a")
                if which != 1 {
                    try await worker.report(.started, of: message.attempt)
                    try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
                }
                if which == 3 { try await cluster.cancel(run.id) }
                await cluster.stopCoordinator()
                try await worker.report(which == 3 ? .cancelled(message: nil) : .completed(result: JSON("done")), of: message.attempt)
                delivery.acknowledge()
                clock.advance(by: .seconds(60))
                try cluster.startCoordinator()
                let view = try await cluster.wait(run.id)
                #expect(view.status == (which == 3 ? .cancelled : .completed))
                if which == 3 { #expect(try await cluster.task("a", of: run.id).stopConfirmed != false) }
            }
        }
    }

    @Test("a handler's hooks run after a restart, though no worker has announced them since")
    func hooks() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                try await worker.announce(.running, hooks: ["onFailed"])
                let run = try await cluster.submit(graph(task("a"), task("b")))
                for id in ["a", "b"] as [TaskID] {
                    let (delivery, message) = try await worker.message(id)
                    if id == "b" {
                        await cluster.stopCoordinator()
                        try cluster.startCoordinator()
                    }
                    try await worker.report(.failed(TaskError(type: "e", message: "no")), of: message.attempt)
                    delivery.acknowledge()
                    try await cluster.waitForEvent(run.id) { $0.type == .taskFailed && $0.task == id }
                }
                let hooks = try await cluster.tasks(of: run.id).map(\.id).filter { $0.rawValue.contains("~") }
                #expect(hooks.count == 2)
            }
        }
    }
}
