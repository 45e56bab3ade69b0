import BatonModel
import Testing

extension ClusterTests {
    @Suite struct TimeTests {
        @Test("A task that fails twice completes at its third attempt, after the delays between (E1)", .timeLimit(.minutes(1)))
        func retries() async throws {
            try await withCluster { cluster in
                let retry: JSONValue = ["maxAttempts": 3, "delay": "100ms", "backoff": "fixed", "jitter": 0]
                let inputs: JSONValue = ["message": "not yet", "type": "early", "attempts": 2]
                let run = try await cluster.api.submit(graph("again", [step("work", "core.fail", inputs: inputs, after: [], ["retry": retry])]))
                let record = try await cluster.api.recorded(run.id)
                let task = try await cluster.api.task("work", of: run.id)
                #expect(task.attempts == 3)
                #expect(task.error == nil)
                #expect(task.history?.prefix(2).map(\.status) == ["failed", "failed"])
                #expect(task.history?.prefix(2).map { $0.error?.type } == ["early", "early"])
                let retrying = record.events(.taskRetrying, of: "work")
                let queued = record.events(.taskQueued, of: "work").dropFirst()
                #expect(retrying.count == 2)
                for (failure, next) in zip(retrying, queued) { #expect(next.at - failure.at >= .milliseconds(100)) }
            }
        }

        @Test("A task that fails more often than it may fails for good, with its last error (E1)", .timeLimit(.minutes(1)))
        func exhausted() async throws {
            try await withCluster { cluster in
                let retry: JSONValue = ["maxAttempts": 2, "delay": "50ms"]
                let run = try await cluster.api.submit(
                    graph("never", [step("work", "core.fail", inputs: ["message": "no", "type": "hopeless"], after: [], ["retry": retry]), step("after", after: ["work"])]))
                let record = try await cluster.api.recorded(run.id, as: .failed)
                #expect(record.tasks["work"]?.attempts == 2)
                #expect(record.tasks["work"]?.error?.type == "hopeless")
                #expect(record.tasks["after"]?.status == .skipped)
                #expect(record.run.error?.message.contains("work") == true)
            }
        }

        @Test("Each timeout ends what it limits, and says which it was (E2)", .timeLimit(.minutes(2)))
        func timeouts() async throws {
            try await withCluster { cluster in
                cluster.note(queues: ["nobody"])
                let once: JSONValue = ["maxAttempts": 1]
                let run = try await cluster.api.submit(
                    graph(
                        "limits",
                        [
                            sleeping("attempt", 60, after: [], ["retry": once, "timeouts": ["attempt": "500ms"]]),
                            sleeping("total", 60, after: [], ["timeouts": ["total": "700ms"]]),
                            step("queued", "core.noop", inputs: nil, after: [], ["retry": once, "queue": "nobody", "timeouts": ["queued": "400ms"]]),
                            sleeping("fits", 0.3, after: [], ["timeouts": ["attempt": "30s", "total": "1m", "queued": "30s"]]),
                        ]))
                let record = try await cluster.api.recorded(run.id, as: .failed)
                for (task, limit) in [("attempt", "500ms"), ("total", "700ms"), ("queued", "400ms")] {
                    let error = record.tasks[TaskID(task)]?.error
                    #expect(error?.type == TaskError.Kind.timeout, "\(task)")
                    #expect(error?.message.contains(limit) == true, "\(task): \(error?.message ?? "")")
                    #expect(error?.details?.value["timeout"]?.string == task, "\(task): \(String(describing: error?.details))")
                }
                #expect(record.tasks["fits"]?.status == .completed)
                #expect(record.events(.taskStarted, of: "queued").isEmpty)
                // The handlers were told to stop, so their slots are free long before their sleeps would be over.
                try await eventually("free slots", within: .seconds(10)) {
                    try await cluster.api.workers().allSatisfy { $0.running == 0 } ? () : nil
                }
            }
        }

        @Test("A run that takes too long fails, and all its tasks end (E2)", .timeLimit(.minutes(1)))
        func runTimeout() async throws {
            try await withCluster { cluster in
                let run = try await cluster.api.submit(graph("slow", [sleeping("work", 60), step("after", after: ["work"])], ["timeout": "1s"]))
                let record = try await cluster.api.recorded(run.id, as: .failed, within: .seconds(15))
                #expect(record.run.error?.type == TaskError.Kind.timeout)
                #expect(record.run.error?.message.contains("1s") == true)
                #expect(record.tasks.values.allSatisfy { $0.status == .cancelled })
            }
        }

        @Test("A delayed task isn't started before it is due, also by a coordinator that wasn't there when it was delayed (G1, A4)", .timeLimit(.minutes(2)))
        func delay() async throws {
            try await withCluster { cluster in
                let short = try await cluster.api.submit(graph("short", [step("work", "core.noop", inputs: nil, after: [], ["delay": "300ms"])]))
                let done = try await cluster.api.recorded(short.id)
                let start = try #require(done.tasks["work"]?.startedAt)
                #expect(start - done.run.createdAt >= .milliseconds(300))
                #expect(start - done.run.createdAt < .seconds(3))

                // One that is due while nobody is there, and one that is due later.
                let names = ["500ms", "4s"]
                let long = try await cluster.api.submit(
                    graph("long", names.map { step("after-\($0)", "core.noop", inputs: nil, after: [], ["delay": .string($0)]) }))
                _ = try await cluster.api.event(of: long.id, "both delays") { $0.type == .taskScheduled && $0.task == "after-4s" }
                let due = try #require(try await cluster.api.task("after-4s", of: long.id).dueAt)
                try await cluster.coordinator.crash()
                try await cluster.startCoordinator()
                let record = try await cluster.api.recorded(long.id)
                let late = try #require(record.tasks["after-4s"]?.startedAt)
                #expect(late >= due)
                #expect(late - due < .seconds(5))
                #expect(try #require(record.tasks["after-500ms"]?.startedAt) < late)
                #expect(record.tasks.values.allSatisfy { $0.attempts == 1 })
            }
        }
    }
}
