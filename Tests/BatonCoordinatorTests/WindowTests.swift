import BatonModel
import BatonTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WindowTests {
    private func withSmallWindow(_ body: (TestCluster) async throws -> Void) async throws {
        try await withCoordinator(configure: { $0.coordinator.minimumWindow = 5 }, body)
    }

    @Test func anUrgentTaskPassesAllThatWait() async throws {
        try await withSmallWindow { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(Graph(name: "many", tasks: (0..<100).map { task(TaskID("t\($0)")) }))
                _ = try await worker.message("t4")
                let urgent = try await cluster.submit(graph(task("u", priority: .urgent)))
                try await worker.complete("u")
                #expect(try await cluster.wait(urgent.id).status == .completed)
                #expect(try await cluster.run(run.id).counts == ["queued": 100])
                #expect(worker.tasks.all.count == 6)
            }
        }
    }

    @Test func noMoreThanTheWindowIsPublishedAndTheBacklogDrainsInOrder() async throws {
        try await withSmallWindow { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(Graph(name: "many", tasks: (0..<100).map { task(TaskID("t\($0)")) }))
                for index in 0..<100 {
                    _ = try await worker.complete(TaskID("t\(index)"))
                    #expect(worker.tasks.all.count <= index + 6)
                }
                #expect(try await cluster.wait(run.id).status == .completed)
                let order = worker.tasks.all.compactMap { $0.message.headers.string("baton-task") }
                #expect(order == (0..<100).map { "t\($0)" })
                let level = try await cluster.coordinator.queues().flatMap(\.levels).filter { $0.priority == .normal }
                #expect(level.allSatisfy { $0.waiting == 0 && $0.published == 0 })
            }
        }
    }

    @Test func theBacklogSurvivesTheCoordinator() async throws {
        try await withSmallWindow { cluster in
            let run = try await cluster.submit(Graph(name: "many", tasks: (0..<40).map { task(TaskID("t\($0)")) }))
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            try await cluster.coordinator.tick()
            let queues = try await cluster.coordinator.queues()
            #expect(queues.first?.levels.map(\.waiting).reduce(0, +) == 35)
            cluster.register("work", .succeeding())
            try await cluster.startWorker()
            #expect(try await cluster.wait(run.id).counts == ["completed": 40])
            #expect(cluster.calls(of: "work").count == 40)
        }
    }

    @Test func levelsStartInTheirOrder() async throws {
        try await withCoordinator { cluster in
            cluster.register("work", .succeeding())
            let order: [Priority] = [.low, .normal, .urgent, .high]
            var tasks = order.map { task(TaskID("p\($0.rawValue)"), priority: $0) }
            tasks += [task("z", after: .init("p3"), priority: .urgent)]
            // All of them wait with the broker before anybody takes one.
            let run = try await ScriptedWorker.with(cluster, takes: false) { watcher in
                let seen = try await watcher.watchTasks()
                let run = try await cluster.submit(Graph(name: "levels", tasks: tasks))
                try await seen.wait(for: 4)
                return run
            }
            try await cluster.startWorker(slots: 1)
            try await cluster.wait(run.id)
            #expect(cluster.calls(of: "work").map(\.task.rawValue).last == "z")
            #expect(cluster.calls(of: "work").count == 5)
        }
    }
}
