import BatonModel
import Testing

extension ClusterTests {
    @Suite struct GraphTests {
        @Test("A chain of 1,000 tasks runs link after link, each recorded once (A3, B2, B7)", .timeLimit(.minutes(3)))
        func chain() async throws {
            try await withCluster { cluster in
                // A result of null between two echoes keeps what is passed on from growing with the chain.
                let tasks = (0..<1000).map { number in
                    let before: [JSONValue] = number == 0 ? [] : [["task": .string("t\(number - 1)"), "as": "before"]]
                    return number.isMultiple(of: 2)
                        ? step("t\(number)", "core.echo", inputs: ["number": .integer(Int64(number))], after: before)
                        : step("t\(number)", after: before)
                }
                let run = try await cluster.api.submit(graph("chain", tasks))
                let record = try await cluster.api.recorded(run.id, within: .seconds(150))
                #expect(record.run.counts == ["completed": 1000])
                #expect(record.run.progress == 1)
                #expect(record.tasks.values.allSatisfy { $0.attempts == 1 })
                let order = record.events.filter { $0.type == .taskQueued || $0.type == .taskCompleted }.compactMap(\.task)
                #expect(order == (0..<1000).flatMap { [TaskID("t\($0)"), TaskID("t\($0)")] })
                #expect(try await cluster.api.task("t0", of: run.id).result?.value == ["number": 0])
                #expect(try await cluster.api.task("t998", of: run.id).result?.value == ["number": 998, "before": nil])
                #expect(try await cluster.api.task("t999", of: run.id).result?.value == nil)
            }
        }

        @Test("A join of 1,000 branches runs once, after all, with every result (B5, B7)", .timeLimit(.minutes(3)))
        func fanOut() async throws {
            try await withCluster { cluster in
                let branches = (0..<1000).map { number in
                    step("b\(number)", "core.echo", inputs: ["number": .integer(Int64(number))], after: ["start"])
                }
                let join = step("join", "core.echo", inputs: ["own": true], after: (0..<1000).map { .string("b\($0)") })
                let run = try await cluster.api.submit(graph("fan", [step("start")] + branches + [join]))
                let record = try await cluster.api.recorded(run.id, within: .seconds(150))
                #expect(record.run.counts == ["completed": 1002])
                let result = try #require(try await cluster.api.task("join", of: run.id).result?.value.object)
                #expect(result.count == 1001)
                #expect(result["own"] == true)
                #expect((0..<1000).allSatisfy { result["b\($0)"] == ["number": .integer(Int64($0)), "start": nil] })
                let queued = try #require(record.events(.taskQueued, of: "join").first?.id)
                #expect(record.events(.taskCompleted).filter { $0.id < queued }.count == 1001)
                #expect(Set(record.tasks.values.compactMap(\.worker)).count == 2, "both workers take part")
            }
        }

        @Test("Of 3,000 ready tasks the broker gets a window, and all of them run", .timeLimit(.minutes(3)))
        func window() async throws {
            try await withCluster(workers: 0) { cluster in
                let run = try await cluster.api.submit(graph("wide", (0..<3000).map { step("t\($0)") }))
                try await cluster.withPeer { peer in
                    try await eventually("a full window") { try await peer.waiting("default") == 1000 ? () : nil }
                    let level = try await cluster.api.queues().first { $0.name == "default" }?.levels.first { $0.priority == .normal }
                    #expect(level?.published == 1000)
                    #expect(level?.waiting == 2000)
                    #expect(try await peer.waiting("default") == 1000)
                }
                for _ in 0..<2 { try await cluster.startWorker() }
                let record = try await cluster.api.recorded(run.id, within: .seconds(120))
                #expect(record.run.counts == ["completed": 3000])
                #expect(record.tasks.values.allSatisfy { $0.attempts == 1 })
            }
        }

        @Test("A diamond goes on without its optional branch that fails, and says so (B2, B3, B11)", .timeLimit(.minutes(1)))
        func diamond() async throws {
            try await withCluster { cluster in
                let run = try await cluster.api.submit(
                    graph(
                        "diamond",
                        [
                            step("top", "core.echo", inputs: ["order": 42]),
                            step("left", "core.echo", inputs: ["side": "left"], after: ["top"]),
                            step(
                                "right", "core.fail", inputs: ["message": "no luck", "type": "unlucky"], after: ["top"],
                                ["retry": ["maxAttempts": 1], "critical": false]),
                            step("bottom", "core.echo", after: ["left", ["task": "right", "required": false]]),
                            step("strict", after: ["right"]),
                        ]))
                let record = try await cluster.api.recorded(run.id)
                #expect(record.run.counts == ["completed": 3, "failed": 1, "skipped": 1])
                #expect(record.run.nonCriticalFailures == ["right"])
                #expect(record.run.skipped == ["strict"])
                let right = try await cluster.api.task("right", of: run.id)
                #expect(right.error?.type == "unlucky")
                #expect(right.error?.message == "no luck")
                #expect(right.attempts == 1)
                #expect(record.tasks["strict"]?.error?.type == TaskError.Kind.dependencyFailed)
                #expect(record.tasks["strict"]?.error?.message.contains("right") == true)
                let bottom = try await cluster.api.task("bottom", of: run.id)
                #expect(bottom.result?.value["left"] == ["side": "left", "top": ["order": 42]])
                #expect((bottom.result?.value["right"] ?? .null) == .null)
                #expect(try record.ending(of: "right") < (record.events(.taskQueued, of: "bottom").first?.id ?? 0))
            }
        }
    }
}
