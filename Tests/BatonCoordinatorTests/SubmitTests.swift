import BatonCoordinator
import BatonModel
import BatonStore
import BatonTesting
import BatonWire
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SubmitTests {
    @Test func aRunIsStoredBeforeItsIdIsGiven() async throws {
        try await withCoordinator { cluster in
            let run = try await cluster.submit(graph(task("a")))
            await cluster.stopCoordinator()
            let store = try SQLiteStore(path: cluster.storePath)
            defer { store.close() }
            #expect(try store.read { try $0.run(id: run.id) }?.progress.status == .running)
        }
    }

    @Test func aKnownKeyGivesTheFirstRunOrAConflict() async throws {
        try await withCoordinator { cluster in
            let first = try await cluster.submit(graph(task("a"), key: "k"))
            let again = try await cluster.submit(graph(task("a"), key: "k"))
            #expect(first.existing == nil)
            #expect(again.existing == true && again.id == first.id)
            let error = await #expect(throws: OperationError.self) { try await cluster.submit(graph(task("b"), key: "k")) }
            #expect(error?.code == .conflict)
        }
    }

    @Test func concurrentSubmissionsUnderOneKeyMakeOneRun() async throws {
        try await withCoordinator { cluster in
            let runs = try await withThrowingTaskGroup(of: RunView.self) { group in
                for _ in 0..<50 { group.addTask { try await cluster.submit(graph(task("a"), key: "k")) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(runs.map(\.id)).count == 1)
            #expect(runs.count { $0.existing == nil } == 1)
        }
    }

    @Test func aProducerGetsAcceptanceAndOutcome() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding(["n": 7]))
            try await cluster.startWorkers()
            try await ScriptedWorker.with(cluster, takes: false) { producer in
                let replies = Journal<Message>()
                let queue = Queue(name: "replies", kind: .exclusive, bindings: [])
                try await producer.link.declare(exchanges: [], queues: [queue])
                _ = try await producer.link.consume(queue: queue.name, prefetch: 10) { replies.append($0.message) }
                let message = Message(
                    type: "task", correlationID: "mine", replyTo: queue.name,
                    headers: [HeaderName.handler: .string("work"), HeaderName.reply: .string("result")], body: Array("{}".utf8))
                try await producer.link.publish(.init(exchange: "baton.submit", routingKey: "-.work", message: message))
                let outcome = try await replies.first { $0.type == "completed" }
                #expect(outcome.correlationID == "mine")
                #expect(try JSON(parsing: outcome.body).value["result"] == ["n": 7])
                #expect(try await replies.first { $0.type == "accepted" }.correlationID == "mine")

                try await producer.link.publish(
                    .init(
                        exchange: "baton.submit", routingKey: "-.x",
                        message: Message(type: "graph", correlationID: "bad", replyTo: queue.name, body: Array("{}".utf8))))
                #expect(try await replies.first { $0.type == "rejected" }.correlationID == "bad")
            }
        }
    }

    @Test func unreadableMessagesAreParkedWithTheReason() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster, takes: false, announced: true) { worker in
                let parked = Journal<Message>()
                _ = try await worker.link.consume(queue: "baton.parking", prefetch: 10) { parked.append($0.message) }
                try await worker.report(Message(type: "completed", correlationID: "nonsense"))
                try await worker.report(Message(type: "strange", correlationID: "r.0.1"))
                try await worker.link.publish(
                    .init(exchange: "baton.submit", routingKey: "-.x", message: Message(type: "graph", body: [1, 2, 3])))
                let messages = try await parked.wait(for: 3)
                #expect(messages.allSatisfy { $0.headers.string(HeaderName.parkedReason)?.isEmpty == false })
                #expect(Set(messages.compactMap { $0.headers.string(HeaderName.parkedFrom) }) == ["baton.reports.0", "baton.submit"])
            }
        }
    }

    @Test("keys, owners and correlation ids with control characters are refused: two of them could pass for one")
    func controlCharacters() async throws {
        try await withCoordinator { cluster in
            let first = try await cluster.submit(graph(task("a"), key: "k"))
            for name in ["k\u{0}1", "k\n", "\u{7F}"] {
                var graphs = Array(repeating: graph(task("a")), count: 3)
                graphs[0].key = name
                graphs[1].owner = name
                graphs[2].correlationID = name
                for graph in graphs { #expect(throws: InvalidGraph.self) { try GraphReader.read(json: graph.document.bytes) } }
                #expect(await cluster.refusal { try await cluster.copy(first.id, ReuseRequest(key: name)) } == .invalid)
            }
            #expect(try await cluster.runs().count == 1)
        }
    }
}
