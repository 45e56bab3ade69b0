import BatonModel
import BatonTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TimeTests {
    @Test func aDelayOfADayPassesAtOnceAndIsNeverEarly() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            let due = clock.now + .seconds(86_400)
            let run = try await cluster.submit(
                graph(task("day", start: .after(.seconds(86_400))), task("minute", start: .after(.seconds(60)))))
            try await cluster.advance(by: .seconds(60))
            try await cluster.waitForEvent(run.id) { $0.type == .taskCompleted && $0.task == "minute" }
            try await cluster.advance(by: .seconds(86_400 - 60) - .milliseconds(1))
            #expect(try await cluster.task("day", of: run.id).status == .scheduled)
            try await cluster.advance(by: .milliseconds(1))
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("day", of: run.id).queuedAt == due)
        }
    }

    @Test func aDelaySurvivesTheCoordinator() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .succeeding())
            let run = try await cluster.submit(graph(task("a", start: .after(.seconds(60)))))
            await cluster.stopCoordinator()
            clock.advance(by: .seconds(100))
            try cluster.startCoordinator()
            #expect(try await cluster.wait(run.id).status == .completed)
        }
    }

    @Test func failFailSucceedIsThreeCalls() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(2, then: "done"))
            let run = try await cluster.submit(graph(task("a", retry: RetryPolicy(maxAttempts: 3, delay: .seconds(3600)))))
            for attempt in 1...2 {
                try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying && $0.attempt == attempt }
                try await cluster.advance(by: .seconds(10_000))
            }
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(cluster.calls(of: "work").map(\.attempt) == [1, 2, 3])
            #expect(try await cluster.task("a", of: run.id).result?.value == "done")
        }
    }

    @Test func attemptsRunOut() async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            cluster.register("work", .failing(with: TaskError(type: "no", message: "never")))
            let run = try await cluster.submit(graph(task("a", retry: RetryPolicy(maxAttempts: 2, delay: .seconds(5)))))
            try await cluster.waitForEvent(run.id) { $0.type == .taskRetrying }
            try await cluster.advance(by: .seconds(10))
            #expect(try await cluster.wait(run.id).status == .failed)
            #expect(cluster.calls(of: "work").count == 2)
        }
    }
}
