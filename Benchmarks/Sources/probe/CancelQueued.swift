import ArgumentParser
import BatonClient
import BatonModel

/// Cancels a run of very many queued tasks in one call, and looks whether any of them runs all the same.
struct CancelQueued: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure how long cancelling many queued tasks takes.")

    @OptionGroup var broker: ClusterOptions

    @Option(help: "The coordinator's address.")
    var server: String

    @Option(help: "How many tasks are cancelled.")
    var tasks = 10_000

    @Option(help: "Slots of the worker, all taken by tasks that wait.")
    var slots = 16

    func run() async throws {
        let worker = try ProbeWorker(broker, slots: slots)
        let client = BatonClient(server: server)
        try await withThrowingTaskGroup { group in
            group.addTask { try await worker.run() }
            let nanoseconds = try await cancel(client, worker.watch)
            print(#"{"seconds": \#(Double(nanoseconds) / 1e9), "tasks": \#(tasks)}"#, to: &standardOutput)
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }

    private func cancel(_ client: BatonClient, _ watch: ProbeWorker.Watch) async throws -> UInt64 {
        var blockers: [RunHandle] = []
        for _ in 0..<slots {
            blockers.append(try await client.submit(Graph(name: "blocker", tasks: [TaskSpec(id: "w", handler: ProbeWorker.waits)])))
        }
        for blocker in blockers { try await wait(until: "a blocker runs") { watch.hasStarted(blocker.id) } }

        let graph = Graph(name: "queued", tasks: (0..<tasks).map { TaskSpec(id: TaskID("t\($0)"), handler: ProbeWorker.counts) })
        let run = try await client.submit(graph)
        try await Task.sleep(for: .seconds(1))  // for the window to reach the broker, and the worker to hold what it holds
        guard try await client.run(run.id).counts == ["queued": tasks] else { throw Mistake("not all tasks are queued") }

        let begin = Monotonic.now
        let outcome = try await run.cancel()
        let took = Monotonic.now - begin
        guard outcome.outcome == .cancelled else { throw Mistake("the cancel's outcome is '\(outcome.outcome)'") }
        try await check(client, run.id, watch)

        // With its slots free the worker comes to what it held, and to what is in the broker's queues.
        for blocker in blockers { _ = try await blocker.cancel() }
        let later = try await client.submit(
            Graph(name: "later", tasks: (0..<100).map { TaskSpec(id: TaskID("t\($0)"), handler: ProbeWorker.counts) }))
        try await wait(until: "a later run has completed") { try await client.run(later.id).status == .completed }
        try await Task.sleep(for: .seconds(1))
        guard watch.counted == 100 else { throw Mistake("\(watch.counted - 100) cancelled tasks ran after all") }
        try await check(client, run.id, watch)
        return took
    }

    private func check(_ client: BatonClient, _ run: RunID, _ watch: ProbeWorker.Watch) async throws {
        let view = try await client.run(run)
        guard view.status == .cancelled, view.counts == ["cancelled": tasks] else {
            throw Mistake("after the cancel the run is \(view.status) with \(view.counts)")
        }
    }
}
