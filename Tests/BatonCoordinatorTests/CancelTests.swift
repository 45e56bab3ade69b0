import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CancelTests {
    @Test func aWaitingTaskNeverStartsOnceItsCancelIsAcknowledged() async throws {
        try await withCoordinator { cluster in
            cluster.register("work", .succeeding())
            let run = try await cluster.submit(graph(task("a"), task("b", after: .init("a"))))
            let view = try await cluster.cancel(run.id, reason: "enough")
            #expect(view.outcome == .cancelled)
            try await cluster.startWorker()
            let other = try await cluster.submit(graph(task("c")))
            try await cluster.wait(other.id)
            #expect(cluster.calls(of: "work").map(\.task) == ["c"])
            #expect(try await cluster.tasks(of: run.id).map(\.status) == [.cancelled, .cancelled])
        }
    }

    @Test func aRunningHandlerIsStopped() async throws {
        try await withCluster { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.waitForCalls(of: "work")
            try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
            #expect(try await cluster.cancel(run.id, reason: "enough").outcome == .cancelling)
            let ended = try await cluster.wait(run.id)
            #expect(ended.status == .cancelled && ended.error?.message == "enough")
            #expect(try await cluster.task("a", of: run.id).stopConfirmed == true)
        }
    }

    @Test func whatHasEndedStaysAsItIs() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.wait(run.id)
            #expect(try await cluster.cancel(run.id).outcome == .alreadyEnded)
            #expect(try await cluster.cancel(task: "a", of: run.id).status == "completed")
            let error = await #expect(throws: OperationError.self) { try await cluster.cancel("nobody") }
            #expect(error?.code == .notFound)
        }
    }
}
