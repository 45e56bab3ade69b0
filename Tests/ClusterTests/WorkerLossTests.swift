import BatonModel
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ClusterTests {
    @Suite struct WorkerLossTests {
        @Test("A task whose worker is killed runs on another one as its next attempt, within seconds (A3)", .timeLimit(.minutes(2)))
        func killedWorker() async throws {
            try await withCluster { cluster in
                let run = try await cluster.api.submit(
                    graph("loss", [sleeping("work", 2), step("after", "core.echo", after: ["work"])]))
                let first = try worker(of: try await cluster.api.start(of: "work", in: run.id), cluster)
                try await first.program.crash()
                let killed = Timestamp.now
                let second = try await cluster.api.start(of: "work", in: run.id, attempt: 2)
                #expect(second.at - killed < .seconds(8))
                let record = try await cluster.api.recorded(run.id)
                let task = try await cluster.api.task("work", of: run.id)
                #expect(task.attempts == 2)
                #expect(task.worker != first.id)
                let lost = try #require(task.history?.first)
                #expect(lost.number == 1)
                #expect(lost.status == "lost")
                #expect(lost.worker == first.id)
                #expect(record.events(.attemptLost, of: "work").count == 1)
                #expect(record.tasks["after"]?.attempts == 1)
            }
        }

        @Test("A report on an attempt that is over changes nothing, and is seen to have come (A3)", .timeLimit(.minutes(2)))
        func forgedReport() async throws {
            try await withCluster { cluster in
                let run = try await cluster.api.submit(graph("late", [sleeping("work", 3), step("after", "core.echo", after: ["work"])]))
                let first = try worker(of: try await cluster.api.start(of: "work", in: run.id), cluster)
                try await first.program.crash()
                _ = try await cluster.api.start(of: "work", in: run.id, attempt: 2)
                let dead = AttemptID(run: run.id, task: 0, number: 1)
                func report() async throws {
                    try await cluster.withPeer {
                        try await $0.report(
                            .init(type: "completed", correlationID: dead.description, body: Array(#""of the dead""#.utf8)))
                    }
                }
                // Once while the second attempt runs, and once when all is over.
                try await report()
                _ = try await cluster.api.event(of: run.id, "the report of the dead") { $0.type == .reportDiscarded }
                #expect(try await cluster.api.task("work", of: run.id).status == .running)
                try await cluster.api.recorded(run.id)
                try await report()
                let discarded = try await eventually("two discarded reports") {
                    let events = try await cluster.api.events(of: run.id).filter { $0.type == .reportDiscarded }
                    return events.count >= 2 ? events : nil
                }
                #expect(discarded.allSatisfy { $0.task == "work" && $0.attempt == 1 })
                let record = try await cluster.api.recorded(run.id)
                #expect(record.tasks["work"]?.attempts == 2)
                #expect(try await cluster.api.task("work", of: run.id).result?.value == nil)
                #expect(try await cluster.api.task("after", of: run.id).result?.value == ["work": nil])
            }
        }

        @Test("A worker that stalls loses its task to another, and its own late result counts for nothing (A3)", .timeLimit(.minutes(3)))
        func stalledWorker() async throws {
            // With heartbeats each second the broker gives a silent worker up in about three.
            try await withCluster(brokerQuery: "heartbeat=1") { cluster in
                let run = try await cluster.api.submit(graph("stall", [sleeping("work", 4)]))
                let first = try worker(of: try await cluster.api.start(of: "work", in: run.id), cluster)
                first.program.signal(SIGSTOP)
                let second = try worker(of: try await cluster.api.start(of: "work", in: run.id, attempt: 2), cluster)
                first.program.signal(SIGCONT)
                #expect(second.id != first.id)
                try await cluster.api.recorded(run.id)
                // It is back at work, so whatever it had to say has been said before.
                let other = try await cluster.api.submit(graph("after", (0..<40).map { sleeping("t\($0)", 0.3) }))
                let record = try await cluster.api.recorded(other.id)
                #expect(record.tasks.values.contains { $0.worker == first.id }, "the stalled worker is back")
                let task = try await cluster.api.task("work", of: run.id)
                #expect(task.attempts == 2)
                #expect(task.worker == second.id)
                try await cluster.api.recorded(run.id)
            }
        }

        @Test("A task that kills its workers fails as poisoned, and holds up nobody (E9)", .timeLimit(.minutes(3)))
        func poison() async throws {
            try await withCluster(workers: 0, slots: 1, allowShell: true) { cluster in
                // A supervisor, as every deployment has one, for two workers.
                let supervisors = Task {
                    await withTaskGroup { group in
                        for _ in 0..<2 {
                            group.addTask {
                                while !Task.isCancelled {
                                    guard let program = try? cluster.launchWorker() else { return }
                                    _ = try? await program.exit(within: .seconds(300))
                                }
                            }
                        }
                    }
                }
                defer { supervisors.cancel() }
                let run = try await cluster.api.submit(
                    graph(
                        "poison",
                        [
                            step("poison", "core.shell", inputs: ["command": "kill -9 $PPID"], ["retry": ["maxAttempts": 10, "delay": "100ms"]]),
                            step("cleanup", after: [["task": "poison", "on": "failed"]]),
                        ] + (0..<20).map { step("bystander-\($0)", "core.noop", inputs: nil, after: [], ["retry": ["maxAttempts": 20]]) }))
                let record = try await cluster.api.recorded(run.id, as: .failed, within: .seconds(120))
                let poison = try #require(record.tasks["poison"])
                #expect(poison.status == .failed)
                #expect(poison.error?.type == TaskError.Kind.poisoned)
                #expect(poison.attempts <= 10)
                #expect(record.events(.attemptLost, of: "poison").count >= 3)
                #expect(record.run.counts == ["failed": 1, "completed": 21])
                let parked = try await cluster.withPeer { try await $0.parked() }
                #expect(parked.headers["baton-task"] == "poison")
                #expect(parked.headers["baton-parked-reason"]?.isEmpty == false)
                supervisors.cancel()
                await supervisors.value
            }
        }

        private func worker(of started: EventView, _ cluster: Cluster) throws -> Cluster.WorkerProcess {
            try cluster.worker(started.data?.value["worker"]?.string)
        }
    }
}
