import ArgumentParser
import BatonClient
import BatonModel

/// Cancels tasks while they run in a worker within this program, and measures until their handlers hear of it.
struct CancelRunning: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure how soon a running task hears that it is cancelled.")

    @OptionGroup var broker: ClusterOptions

    @Option(help: "The coordinator's address.")
    var server: String

    @Option(help: "How many tasks are cancelled, one after the other.")
    var tasks = 200

    @Option(help: "How many run at a time.")
    var slots = 16

    func run() async throws {
        let worker = try ProbeWorker(broker, slots: slots)
        let client = BatonClient(server: server)
        try await withThrowingTaskGroup { group in
            group.addTask { try await worker.run() }
            var times: [UInt64] = []
            while times.count < tasks { times += try await cancelled(min(slots, tasks - times.count), client, worker.watch) }
            let percentiles = Percentiles(times)
            print(
                #"{"p50_us": \#(percentiles[0.5]), "p99_us": \#(percentiles[0.99]), "greatest_us": \#(percentiles[1]), "tasks": \#(tasks)}"#,
                to: &standardOutput)
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }

    /// Nanoseconds from before each call to the cancellation of the handler's task.
    private func cancelled(_ count: Int, _ client: BatonClient, _ watch: ProbeWorker.Watch) async throws -> [UInt64] {
        var runs: [RunHandle] = []
        for _ in 0..<count {
            runs.append(try await client.submit(Graph(name: "running", tasks: [TaskSpec(id: "w", handler: ProbeWorker.waits)])))
        }
        for run in runs {
            try await wait(until: "the coordinator knows that the task runs") {
                try await client.run(run.id).counts == ["running": 1] && watch.hasStarted(run.id)
            }
        }
        var times: [UInt64] = []
        for run in runs {
            let begin = Monotonic.now
            _ = try await run.cancel()
            try await wait(until: "the handler has heard") { watch.cancellation(of: run.id) != nil }
            times.append((watch.cancellation(of: run.id) ?? begin) - begin)
        }
        for run in runs {
            try await wait(until: "the run has ended") { try await client.run(run.id).status.isFinal }
            let task = try await client.task("w", of: run.id)
            guard task.status == .cancelled, task.attempts == 1, task.stopConfirmed != false else {
                throw Mistake("the task is \(task.status) after \(task.attempts) attempts, stop confirmed: \(task.stopConfirmed ?? true)")
            }
        }
        return times
    }
}
