import BatonModel
import BatonTesting
import BatonWire
import Testing

@Suite("K1 events by message", .timeLimit(.minutes(1)))
struct K1EventFeed {
    @Test("a listener gets each event of a run once, in order, as HTTP shows it")
    func all() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("done"))
            try await EventListener.with(cluster) { listener in
                let run = try await cluster.submit(graph(task("a"), task("b", after: .init("a")), name: "order"))
                try await cluster.wait(run.id)
                try await listener.keys.first { $0 == "run.order.completed" }
                let expected = try await cluster.events(of: run.id)
                let messages = listener.messages.all
                #expect(messages.map(\.body) == expected.map(\.json.bytes))
                #expect(messages.map(\.messageID) == expected.map { "\(run.id).event.\($0.id)" })
                #expect(listener.keys.all.first == "run.order.submitted")
                #expect(listener.keys.all.last == "run.order.completed")
                #expect(listener.keys.all.filter { $0 == "task.work.completed" }.count == 2)
                let ended = try #require(messages.first { $0.type == "task.completed" })
                #expect(ended.headers.string(HeaderName.task) == "a")
                #expect(ended.headers.string(HeaderName.handler) == "work")
                #expect(ended.correlationID == run.id.rawValue)
            }
        }
    }

    @Test("a listener gets what its pattern fits, and nothing else")
    func pattern() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            try await EventListener.with(cluster, pattern: "task.*.completed") { listener in
                let tasks = (0..<50).map { task(TaskID("t\($0)")) }
                let run = try await cluster.submit(Graph(name: "many", tasks: tasks))
                try await cluster.wait(run.id)
                try await listener.messages.wait(for: 50)
                let seen = Set(listener.messages.all.compactMap { $0.headers.string(HeaderName.task) })
                #expect(seen == Set(tasks.map(\.id.rawValue)))
                #expect(Set(listener.keys.all) == ["task.work.completed"])
            }
        }
    }

    @Test("events that were stored and not sent are sent by the next coordinator")
    func restart() async throws {
        try await withCoordinator { cluster in
            try await EventListener.with(cluster) { listener in
                cluster.broker.block()
                let run = try await cluster.submit(graph(task("a"), name: "order"))
                await cluster.stopCoordinator()
                cluster.broker.unblock()
                try cluster.startCoordinator()
                try await listener.keys.first { $0 == "run.order.submitted" }
                cluster.register("work", .succeeding())
                try await cluster.startWorker()
                try await cluster.wait(run.id)
                try await listener.keys.first { $0 == "run.order.completed" }
                var ids = listener.messages.all.compactMap { try? JSON(parsing: $0.body).value["id"]?.int }
                // At least once, and in order: what is repeated comes before what is new.
                ids = ids.reduce(into: [Int]()) { seen, id in if id > seen.last ?? 0 { seen.append(id) } }
                let stored = try await cluster.events(of: run.id).map(\.id)
                #expect(ids == stored)
            }
        }
    }

    @Test("nobody who listens costs the outbox nothing: it is empty in the end")
    func nobody() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            let run = try await cluster.submit(Graph(name: "many", tasks: (0..<200).map { task(TaskID("t\($0)")) }))
            try await cluster.wait(run.id)
            while try await cluster.coordinator.metrics().counters.outbox > 0 { try await cluster.coordinator.tick() }
            #expect(try await cluster.coordinator.metrics().counters.runsEnded == ["completed": 1])
        }
    }
}
