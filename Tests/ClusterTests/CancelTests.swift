import BatonModel
import Testing

extension ClusterTests {
    @Suite struct CancelTests {
        @Test("A task that is cancelled while it waits never starts, although its message is in the queue (F1)", .timeLimit(.minutes(1)))
        func waiting() async throws {
            try await withCluster(workers: 0) { cluster in
                let whole = try await cluster.api.submit(graph("whole", [step("one"), step("two", after: ["one"])]))
                let part = try await cluster.api.submit(graph("part", [step("one"), step("two")]))
                try await cluster.withPeer { peer in
                    try await eventually("three messages") { try await peer.waiting("default") == 3 ? () : nil }
                    let view = try await cluster.api.cancel(whole.id, reason: "ordered twice")
                    #expect(view.outcome == .cancelled)
                    #expect(view.status == "cancelled")
                    let task = try await cluster.api.cancel(part.id, task: "one", reason: "not this one")
                    #expect(task.outcome == .cancelled)
                    #expect(task.task == "one")
                    try await cluster.startWorker(slots: 1)
                    // Behind them in the same queue, so when it has run they have been taken.
                    let last = try await cluster.api.submit(graph("last", [step("one")]))
                    try await cluster.api.recorded(last.id)
                    #expect(try await peer.waiting("default") == 0)
                }
                let record = try await cluster.api.recorded(whole.id, as: .cancelled)
                #expect(record.run.error?.message.contains("ordered twice") == true)
                #expect(record.tasks.values.allSatisfy { $0.status == .cancelled && $0.startedAt == nil && $0.worker == nil })
                #expect(record.events(.taskStarted).isEmpty)
                let rest = try await cluster.api.recorded(part.id, as: .cancelled)
                #expect(rest.events(.taskStarted, of: "one").isEmpty)
                #expect(rest.tasks["one"]?.startedAt == nil)
                #expect(rest.tasks["one"]?.error?.message == "not this one")
                #expect(rest.tasks["two"]?.status == .completed)
            }
        }

        @Test("A running task stops within 2 seconds of its cancel, with the caller's reason (F2)", .timeLimit(.minutes(1)))
        func running() async throws {
            try await withCluster { cluster in
                let run = try await cluster.api.submit(graph("long", [sleeping("work", 300), step("after", after: ["work"])]))
                _ = try await cluster.api.start(of: "work", in: run.id)
                let clock = ContinuousClock()
                let asked = clock.now
                let view = try await cluster.api.cancel(run.id, reason: "changed my mind")
                #expect(view.outcome != .alreadyEnded)
                let record = try await cluster.api.recorded(run.id, as: .cancelled)
                #expect(clock.now - asked < .seconds(2))
                let work = try await cluster.api.task("work", of: run.id)
                #expect(work.status == .cancelled)
                #expect(work.error?.type == TaskError.Kind.cancelled)
                #expect(work.error?.message == "changed my mind")
                #expect(work.stopConfirmed == true)
                #expect(record.tasks["after"]?.status == .cancelled)
                #expect(record.events(.taskStarted, of: "after").isEmpty)
                let workers = try await eventually("free slots") {
                    let workers = try await cluster.api.workers()
                    return workers.allSatisfy { $0.running == 0 } ? workers : nil
                }
                #expect(workers.count == 2)
            }
        }

        @Test("Of a cancel and a completion at the same moment one wins, and the caller is told which (F5)", .timeLimit(.minutes(2)))
        func race() async throws {
            try await withCluster { cluster in
                var outcomes: Set<CancelView.Outcome> = []
                for round in 0..<30 {
                    // Around the time that a cancel takes to arrive.
                    let run = try await cluster.api.submit(graph("race", [sleeping("work", Double(round) * 0.004)]))
                    if round.isMultiple(of: 2) {
                        _ = try await cluster.api.event(of: run.id, "the task in its queue") { $0.type == .taskQueued }
                    }
                    let view = try await cluster.api.cancel(run.id, reason: "race")
                    outcomes.insert(view.outcome)
                    let status: RunStatus = view.outcome == .alreadyEnded ? .completed : .cancelled
                    let record = try await cluster.api.recorded(run.id, as: status)
                    if view.outcome == .alreadyEnded { #expect(view.status == "completed") }
                    #expect(record.tasks["work"]?.status.rawValue == status.rawValue)
                    #expect((try await cluster.api.task("work", of: run.id).error == nil) == (status == .completed))
                    let again = try await cluster.api.cancel(run.id, reason: "again")
                    #expect(again.outcome == .alreadyEnded)
                    #expect(again.status == status.rawValue)
                    let one = try await cluster.api.cancel(run.id, task: "work", reason: "again")
                    #expect(one.outcome == .alreadyEnded)
                    #expect(one.status == status.rawValue)
                }
                #expect(outcomes.contains { $0 != .alreadyEnded })
            }
        }

        @Test("What isn't there can't be cancelled, and the caller is told", .timeLimit(.minutes(1)))
        func unknown() async throws {
            try await withCluster(workers: 0) { cluster in
                let run = try await cluster.api.submit(graph("known", [step("one")]))
                let first = await #expect(throws: Problem.self) { try await cluster.api.cancel("nothing", reason: "x") }
                #expect(first?.status == 404)
                let second = await #expect(throws: Problem.self) { try await cluster.api.cancel(run.id, task: "nothing", reason: "x") }
                #expect(second?.status == 404)
            }
        }
    }
}
