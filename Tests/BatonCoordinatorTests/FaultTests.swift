@testable import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWire
import Testing

@Suite(.timeLimit(.minutes(2)))
struct FaultTests {
    /// The coordinator goes away after each nth call, wherever it is then.
    @Test(arguments: [1, 3, 10, 25]) func aCoordinatorThatStopsAnywhereRecordsEachTaskOnce(_ step: Int) async throws {
        try await withCluster(workers: 2, slots: 4) { cluster in
            cluster.register("work", .succeeding())
            let layers = 5
            let width = 8
            var tasks: [TaskSpec] = []
            for layer in 0..<layers {
                for index in 0..<width {
                    var spec = task(TaskID("t\(layer)-\(index)"), retry: .default)
                    if layer > 0 { spec.dependencies = (0..<width).map { Dependency(TaskID("t\(layer - 1)-\($0)")) } }
                    tasks.append(spec)
                }
            }
            let run = try await cluster.submit(Graph(name: "layers", tasks: tasks))
            for count in stride(from: step, through: layers * width, by: max(step, 4)) {
                try await cluster.waitForCalls(of: "work", count: count)
                await cluster.stopCoordinator()
                try cluster.startCoordinator()
            }
            #expect(try await cluster.wait(run.id).counts == ["completed": 40])
            let events = try await cluster.events(of: run.id)
            #expect(events.map(\.id) == Array(1...events.count))
            for spec in tasks { #expect(events.count { $0.type == .taskCompleted && $0.task == spec.id } == 1) }
            #expect(cluster.calls(of: "work").allSatisfy { $0.attempt == 1 })
            #expect(cluster.calls(of: "work").count == 40)
        }
    }

    @Test func aRunningTaskIsNotStartedAgainByANewCoordinator() async throws {
        try await withCluster(workers: 2) { cluster in
            let gate = Journal<Void>()
            cluster.register("work") { 
                try await gate.first()
                return "done"
            }
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            cluster.register("other", .succeeding())
            let other = try await cluster.submit(graph(task("b", handler: "other")))
            try await cluster.wait(other.id)
            gate.append(())
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").count == 1)
        }
    }

    @Test func whatWasNotConfirmedIsSentAgainAndMustBeClaimed() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster, announced: true) { worker in
                cluster.broker.block()
                let run = try await cluster.submit(graph(task("a")))
                await cluster.stopCoordinator()
                cluster.broker.unblock()
                try cluster.startCoordinator()
                let (delivery, message) = try await worker.message("a")
                #expect(message.needsClaim && message.attempt.number == 1)
                try await worker.report(.claim(redelivered: false), of: message.attempt)
                try await worker.controls.first { $0.type == "claimed" }
                try await worker.report(.completed(result: .null), of: message.attempt)
                delivery.acknowledge()
                #expect(try await cluster.wait(run.id).status == .completed)
            }
        }
    }

    @Test("a request gets its answer that comes while the store fails and the coordinator is told to stop")
    func stoppingWhileTheStoreFails() async throws {
        let hold = HeldStore.Hold()
        try await withCoordinator(configure: { $0.wrapStore = { HeldStore($0, hold) } }) { cluster in
            let coordinator = try cluster.coordinator
            let heard = Journal<Int>()
            hold.arm()
            coordinator.mailbox.put(.tick { heard.append(1) })
            try await hold.held.first()
            coordinator.mailbox.put(.tick { heard.append(2) })
            async let stopped: Void = cluster.stopCoordinator()
            while !coordinator.status.isStopping { await Task.yield() }
            hold.fail()
            await stopped
            #expect(try await heard.wait(for: 2) == [1, 2])
        }
    }

    @Test func aStoreThatRefusesHoldsUpMessagesAndTellsRequests() async throws {
        let disk = FailingStore.Switch()
        try await withCoordinator(configure: { $0.wrapStore = { FailingStore($0, disk) } }) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(task("a"), task("b", after: .init("a"))))
                let (delivery, message) = try await worker.message("a")
                disk.isFailing = true
                // Whoever asks is told, not only who asked first.
                for _ in 0..<3 {
                    #expect(await cluster.refusal { try await cluster.submit(graph(task("x"))) } == .unavailable)
                }
                #expect(try await cluster.coordinator.health().ready == false)
                let refused = disk.refusals.all.count
                try await worker.report(.completed(result: JSON("kept")), of: message.attempt)
                delivery.acknowledge()
                try await disk.refusals.wait(for: refused + 2)
                disk.isFailing = false
                try await worker.complete("b")
                #expect(try await cluster.wait(run.id).status == .completed)
                #expect(try await cluster.task("a", of: run.id).result?.value == "kept")
                #expect(try await cluster.count(.taskCompleted, of: run.id) == 2)
                #expect(try await cluster.coordinator.health().ready)
            }
        }
    }

    @Test func everybodyCutOffInTheMiddleOfARunGoesOn() async throws {
        try await withCluster(workers: 2, slots: 4) { cluster in
            cluster.register("work", .succeeding())
            let tasks = (0..<300).map { task(TaskID("t\($0)"), retry: .default) }
            let run = try await cluster.submit(Graph(name: "many", tasks: tasks))
            for count in stride(from: 50, through: 250, by: 50) {
                try await cluster.waitForCalls(of: "work", count: count)
                cluster.disconnectAll()
            }
            #expect(try await cluster.wait(run.id).counts == ["completed": 300])
            #expect(try await cluster.count(.taskCompleted, of: run.id) == 300)
        }
    }

    @Test func aWorkerThatDiesLeavesItsTaskToAnother() async throws {
        try await withCluster { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(graph(task("a", retry: .default)))
            try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
            await cluster.workers[0].stop()
            cluster.register("work", .succeeding("second"))
            try await cluster.startWorker()
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("a", of: run.id).result?.value == "second")
            #expect(try await cluster.count(.taskCompleted, "a", of: run.id) == 1)
        }
    }
}
