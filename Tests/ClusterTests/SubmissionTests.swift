import BatonModel
import Testing

extension ClusterTests {
    @Suite struct SubmissionTests {
        @Test("A graph sent by AMQP is accepted, and its outcome answered, with the producer's correlation id", .timeLimit(.minutes(1)))
        func graphByMessage() async throws {
            try await withCluster { cluster in
                try await cluster.withPeer { peer in
                    let replies = try await peer.replies()
                    let document = graph("sent", [step("one", "core.echo", inputs: ["x": 1]), step("two", "core.echo", after: ["one"])])
                    try await peer.submit(
                        .init(
                            type: "graph", correlationID: "mine-1", replyTo: replies.queue, headers: ["baton-reply": "result"],
                            body: JSON(document).bytes))
                    let accepted = try await replies.next()
                    #expect(accepted.type == "accepted")
                    #expect(accepted.correlationID == "mine-1")
                    let run = RunID(try #require(accepted.json["run"]?.string))
                    let outcome = try await replies.next()
                    #expect(outcome.type == "completed")
                    #expect(outcome.correlationID == "mine-1")
                    #expect(outcome.json["run"]?.string == run.rawValue)
                    #expect(outcome.json["status"] == "completed")
                    #expect(outcome.json["results"]?["two"] == ["one": ["x": 1]])
                    let record = try await cluster.api.recorded(run)
                    #expect(record.run.correlationId == "mine-1")
                }
            }
        }

        @Test("A single task sent by AMQP needs only its handler's name, and its result answers", .timeLimit(.minutes(1)))
        func singleTask() async throws {
            try await withCluster(queues: ["default", "special"]) { cluster in
                try await cluster.withPeer { peer in
                    let replies = try await peer.replies()
                    let headers = ["baton-handler": "core.echo", "baton-reply": "result", "baton-queue": "special", "baton-priority": "1"]
                    try await peer.submit(
                        .init(type: "task", correlationID: "mine-2", replyTo: replies.queue, headers: headers, body: Array(#"{"n": 7}"#.utf8)))
                    let accepted = try await replies.next()
                    #expect(accepted.type == "accepted")
                    #expect(accepted.correlationID == "mine-2")
                    let outcome = try await replies.next()
                    #expect(outcome.type == "completed")
                    #expect(outcome.correlationID == "mine-2")
                    #expect(outcome.json["result"] == ["n": 7])
                    let run = RunID(try #require(accepted.json["run"]?.string))
                    let record = try await cluster.api.recorded(run)
                    #expect(record.tasks.values.map(\.queue) == ["special"])
                    #expect(record.tasks.values.map(\.priority) == [.high])

                    try await peer.submit(
                        .init(
                            type: "task", correlationID: "mine-3", replyTo: replies.queue,
                            headers: ["baton-handler": "core.http", "baton-reply": "result"], body: Array(#"{"url": "nowhere"}"#.utf8)))
                    #expect(try await replies.next().type == "accepted")
                    let failed = try await replies.next()
                    #expect(failed.type == "failed")
                    #expect(failed.correlationID == "mine-3")
                    #expect(failed.json["error"]?["message"]?.string?.isEmpty == false)
                }
            }
        }

        @Test("A submission without the wish for a result is answered once", .timeLimit(.minutes(1)))
        func acceptanceOnly() async throws {
            try await withCluster { cluster in
                try await cluster.withPeer { peer in
                    let replies = try await peer.replies()
                    for id in ["a", "b"] {
                        try await peer.submit(
                            .init(type: "task", correlationID: id, replyTo: replies.queue, headers: ["baton-handler": "core.noop"]))
                        let accepted = try await replies.next()
                        #expect(accepted.type == "accepted")
                        #expect(accepted.correlationID == id)
                        try await cluster.api.recorded(RunID(try #require(accepted.json["run"]?.string)))
                    }
                }
            }
        }

        @Test("An invalid graph is rejected with everything that is wrong with it (B4)", .timeLimit(.minutes(1)))
        func rejection() async throws {
            try await withCluster(workers: 0) { cluster in
                try await cluster.withPeer { peer in
                    let replies = try await peer.replies()
                    let document = graph("bad", [step("a", after: ["ghost"]), step("b", "core.noop", inputs: nil, after: [], ["priority": 7])])
                    try await peer.submit(.init(type: "graph", correlationID: "mine-4", replyTo: replies.queue, body: JSON(document).bytes))
                    let rejected = try await replies.next()
                    #expect(rejected.type == "rejected")
                    #expect(rejected.correlationID == "mine-4")
                    #expect(rejected.text.contains("ghost"))
                    #expect(rejected.text.contains("priority"))
                }
                #expect(try await cluster.api.runs().isEmpty)
            }
        }

        @Test("The same message twice, or the same key twice, is one run (A1)", .timeLimit(.minutes(1)))
        func twice() async throws {
            try await withCluster { cluster in
                try await cluster.withPeer { peer in
                    let replies = try await peer.replies()
                    let message = BrokerPeer.Message(
                        type: "graph", messageID: "delivered-twice", correlationID: "mine-5", replyTo: replies.queue,
                        body: JSON(graph("doubled", [step("one")])).bytes)
                    try await peer.submit(message)
                    try await peer.submit(message)
                    let first = try await replies.next()
                    let second = try await replies.next()
                    #expect([first.type, second.type] == ["accepted", "accepted"])
                    #expect(first.json["run"] == second.json["run"])
                    #expect(first.json["existing"] != true)
                    #expect(second.json["existing"] == true)
                }
                #expect(try await cluster.api.runs().count == 1)

                let document = graph("keyed", [step("one")], ["key": "order-42"])
                let first = try await cluster.api.ask("POST", "/v1/runs", body: JSON(document).bytes)
                let second = try await cluster.api.ask("POST", "/v1/runs", body: JSON(document).bytes)
                #expect(first.status == 201)
                #expect(second.status == 200)
                #expect(try first.decode(RunView.self).id == second.decode(RunView.self).id)
                #expect(try first.decode(RunView.self).existing != true)
                #expect(try second.decode(RunView.self).existing == true)
                let other = graph("keyed", [step("another")], ["key": "order-42"])
                #expect(try await cluster.api.ask("POST", "/v1/runs", body: JSON(other).bytes).status == 409)
                #expect(try await cluster.api.runs().count == 2)
                for run in try await cluster.api.runs() { try await cluster.api.recorded(run.id) }
            }
        }
    }
}
