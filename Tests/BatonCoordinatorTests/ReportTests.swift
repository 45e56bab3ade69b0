import BatonCoordinator
import BatonModel
import BatonTesting
import BatonWire
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ReportTests {
    @Test func aReportThatComesTwiceCountsOnce() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(task("a"), task("b", after: .init("a"))))
                let attempt = try await worker.message("a").task.attempt
                for number in 1...3 {
                    try await worker.report(.completed(result: JSON(.integer(Int64(number)))), of: attempt)
                }
                try await worker.complete("b")
                try await cluster.wait(run.id)
                #expect(try await cluster.task("a", of: run.id).result?.value == 1)
                #expect(try await cluster.count(.taskCompleted, "a", of: run.id) == 1)
                #expect(worker.tasks.all.count == 2)
            }
        }
    }

    @Test func aReportOfADeadAttemptIsDiscarded() async throws {
        let clock = TestClock()
        try await withCoordinator(clock: clock) { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(task("a", retry: RetryPolicy(maxAttempts: 2))))
                let first = try await worker.message("a").task.attempt
                try await worker.report(.failed(TaskError(type: "e", message: "no")), of: first)
                try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying }
                try await worker.report(.completed(result: JSON("late")), of: first)
                try await cluster.waitForEvent(run.id) { $0.type == .reportDiscarded }
                try await cluster.advance(by: .seconds(60))
                try await worker.complete("a", "right", number: 2)
                #expect(try await cluster.wait(run.id).status == .completed)
                #expect(try await cluster.task("a", of: run.id).result?.value == "right")
            }
        }
    }

    @Test func aClaimIsGrantedToOneWorker() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster, id: "one", announced: true) { one in
                try await ScriptedWorker.with(cluster, id: "two", takes: false, announced: true) { two in
                    let run = try await cluster.submit(graph(task("a")))
                    let attempt = try await one.message("a").task.attempt
                    try await one.report(.claim(redelivered: false), of: attempt)
                    try await one.controls.first { Self.claim($0)?.granted == [attempt.description] }
                    try await two.report(.claim(redelivered: false), of: attempt)
                    try await two.controls.first { Self.claim($0)?.refused == [attempt.description] }
                    try await one.complete("a")
                    #expect(try await cluster.wait(run.id).status == .completed)
                    try await two.report(.claim(redelivered: true), of: attempt)
                    try await two.controls.wait(for: 2) { Self.claim($0)?.refused == [attempt.description] }
                }
            }
        }
    }

    private static func claim(_ message: Message) -> (granted: [String], refused: [String])? {
        guard case .claimed(let granted, let refused)? = try? Control.read(message) else { return nil }
        return (granted, refused)
    }

    @Test func anAttemptThatTheBrokerGaveUpFailsItsTask() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(task("a"), task("b", after: .init("a", on: .failed))))
                try await worker.message("a").delivery.discard()
                try await worker.complete("b")
                #expect(try await cluster.wait(run.id).status == .failed)
                #expect(try await cluster.task("a", of: run.id).error?.type == TaskError.Kind.poisoned)
                #expect(try await worker.link.depth(queue: "baton.parking").messages == 1)
            }
        }
    }

    @Test func workersAreShownAndWelcomedWithWhatIsCancelled() async throws {
        try await withCoordinator { cluster in
            let run = try await ScriptedWorker.with(cluster, takes: false) { watcher in
                let seen = try await watcher.watchTasks()
                let run = try await cluster.submit(graph(task("a")))
                try await seen.first()
                return run
            }
            #expect(try await cluster.cancel(run.id, reason: "enough").outcome == .cancelled)
            try await ScriptedWorker.with(cluster, takes: false, announced: true) { worker in
                let welcome = try await worker.controls.first { $0.type == "welcome" }
                #expect(try Control.read(welcome) == .welcome(cancelled: ["\(run.id).0.1"]))
                #expect(try await cluster.coordinator.workers().map(\.id) == ["scripted"])
                #expect(try await cluster.coordinator.queues().first { $0.name == .default }?.workers == 1)
                #expect(try await cluster.coordinator.health().ready)
                try await worker.report(.cancelled(message: nil), of: AttemptID(run: run.id, task: 0, number: 1))
                try await worker.announce(.stopped)
                try await cluster.coordinator.tick()
                #expect(try await worker.depth() == 1)
            }
        }
    }
}
