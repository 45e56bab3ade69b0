import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct GraphTests {
    @Test func aChainRunsInOrderAndHandsResultsOn() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let run = try await cluster.submit(
                graph(task("a", inputs: ["x": 1]), task("b", after: .init("a")), task("c", after: .init("b", as: "before"))))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").map(\.task) == ["a", "b", "c"])
            #expect(try await cluster.task("c", of: run.id).result?.value == ["before": ["a": ["x": 1]]])
        }
    }

    @Test func aDiamondJoinsOnce() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let run = try await cluster.submit(
                graph(
                    task("a", inputs: ["x": 1]), task("b", after: .init("a")), task("c", after: .init("a")),
                    task("d", after: .init("b"), .init("c"))))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").count { $0.task == "d" } == 1)
            let joined = cluster.calls(of: "work").first { $0.task == "d" }
            #expect(joined?.inputs.value == ["b": ["a": ["x": 1]], "c": ["a": ["x": 1]]])
        }
    }

    @Test func aFanOutJoinsAllOfItsResults() async throws {
        try await withCluster(workers: 2) { cluster in
            cluster.register("work", .echoing)
            cluster.register("join", .echoing)
            let names = (0..<200).map { TaskID("t\($0)") }
            var tasks = names.map { task($0, inputs: ["id": .string($0.rawValue)]) }
            tasks.append(TaskSpec(id: "join", handler: "join", dependencies: names.map { Dependency($0) }))
            let run = try await cluster.submit(Graph(name: "fan", tasks: tasks))
            #expect(try await cluster.wait(run.id).counts == ["completed": 201])
            #expect(cluster.calls(of: "work").count == 200)
            let joined = try await cluster.task("join", of: run.id).result?.value.object
            #expect(joined?.count == 200 && joined?["t77"] == ["id": "t77"])
        }
    }

    @Test func flatMergesPutFieldsBesideOneAnother() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let run = try await cluster.submit(
                graph(
                    task("a", inputs: ["x": 1]), task("b", inputs: ["y": 2]),
                    task("c", after: .init("a"), .init("b"), inputs: ["z": 3], flat: true)))
            try await cluster.wait(run.id)
            #expect(try await cluster.task("c", of: run.id).result?.value == ["x": 1, "y": 2, "z": 3])
        }
    }

    @Test func aCollisionInAFlatMergeFailsTheTask() async throws {
        try await withCluster { cluster in
            cluster.register("work", .echoing)
            let run = try await cluster.submit(
                graph(
                    task("a", inputs: ["x": 1]), task("b", inputs: ["x": 2]),
                    task("c", after: .init("a"), .init("b"), flat: true, retry: .default)))
            #expect(try await cluster.wait(run.id).status == .failed)
            #expect(try await cluster.task("c", of: run.id).error?.type == TaskError.Kind.invalidInputs)
            #expect(!cluster.calls(of: "work").contains { $0.task == "c" })
        }
    }

    @Test func waitersForEventsWakeAndHearTheEnd() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let coordinator = try cluster.coordinator
                let run = try await cluster.submit(graph(task("a")))
                let last = try await cluster.events(of: run.id).last?.id ?? 0
                async let news = coordinator.nextEvents(of: run.id, after: last, limit: 100)
                try await worker.complete("a")
                let events = try await news
                #expect(events.first?.id == last + 1)
                let end = try await cluster.waitForEvent(run.id) { $0.type == .runCompleted }
                #expect(try await coordinator.nextEvents(of: run.id, after: end.id, limit: 100) == [])
            }
        }
    }
}
