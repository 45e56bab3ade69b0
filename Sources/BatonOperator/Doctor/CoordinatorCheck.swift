import BatonClient
package import BatonModel
import Foundation

/// What the coordinator says of itself and of its cluster.
package struct CoordinatorCheck: Sendable {
    let client: BatonClient

    init(server: String, token: String?) { client = BatonClient(server: server, token: token, patience: .zero) }

    struct Result: Sendable {
        var findings: [Finding]
        /// Those that the coordinator knows.
        var queues: [QueueName] = []
    }

    func examine() async -> Result {
        let before = Timestamp.now
        let greeting: Greeting
        do {
            greeting = try await inTime(.seconds(10)) { try await client.greeting() } ?? Self.silent(client.server)
        } catch {
            return Result(findings: [
                Finding(
                    "coordinator.reachable", .problem, "\(error)",
                    remedy: "start one with 'baton coordinator', or set --server to where it listens")
            ])
        }
        let after = Timestamp.now
        var findings = [
            Finding("coordinator.reachable", .ok, "a coordinator answers at \(client.server)"),
            Self.version(greeting.version, ours: BatonVersion.current),
        ]
        if let date = greeting.date {
            let time = Timestamp(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
            findings.append(ClockCheck("clock.coordinator", "the coordinator", seconds: time, between: before, after).finding)
        }
        var queues: [QueueView] = []
        do {
            findings.append(Self.readiness(try await client.health()))
            queues = try await client.queues()
            let workers = try await client.workers()
            findings.append(Self.workers(workers))
            findings += Self.unattended(queues)
            findings += Self.unhandled(try await waiting(), workers)
        } catch {
            findings.append(
                Finding("coordinator.answers", .problem, "\(error)", remedy: "look at the coordinator's log"))
        }
        return Result(findings: findings, queues: queues.map(\.name))
    }

    private static func silent(_ server: String) throws -> Greeting {
        throw ClientError(.unreachable, "\(server) does not answer within 10 seconds")
    }

    /// The queued tasks of the latest runs, as far as they fit on a page each.
    private func waiting() async throws -> [TaskView] {
        var tasks: [TaskView] = []
        for run in try await client.runs(RunFilter(status: .running), limit: 20).items {
            tasks += try await client.tasks(of: run.id, status: .queued, limit: 200).items
        }
        return tasks
    }

    package static func version(_ theirs: String?, ours: String) -> Finding {
        let check = "coordinator.version"
        guard let theirs else {
            return Finding(
                check, .warning, "the coordinator doesn't say its version; this program is \(ours)",
                remedy: "see that --server is a coordinator, of this version")
        }
        guard theirs != ours else { return Finding(check, .ok, "the coordinator is of version \(theirs), as this program is") }
        return Finding(
            check, .warning, "the coordinator is of version \(theirs), this program of \(ours)",
            remedy: "install the same version everywhere, the coordinator's first")
    }

    package static func readiness(_ health: HealthView) -> Finding {
        if health.ready { return Finding("coordinator.ready", .ok, "the coordinator is at work: store and broker are well") }
        var reasons: [String] = []
        if health.store != "ok" { reasons.append("store: \(health.store)") }
        if health.broker != "ok" { reasons.append("broker: \(health.broker)") }
        return Finding(
            "coordinator.ready", .problem, "the coordinator can't work: \(reasons.joined(separator: "; "))",
            remedy: "mend what it names; it goes on by itself")
    }

    package static func workers(_ workers: [WorkerView]) -> Finding {
        let check = "coordinator.workers"
        let running = workers.filter { $0.state == "running" }
        let silent = workers.filter { $0.state == "silent" }
        guard !running.isEmpty else {
            return Finding(check, .warning, "no worker runs, so no task does", remedy: "start one with 'baton worker'")
        }
        guard silent.isEmpty else {
            return Finding(
                check, .warning, "\(running.count) workers run; silent: \(silent.map(\.id.rawValue).joined(separator: ", "))",
                remedy: "see whether their machines are overloaded, stopped, or cut off from the broker")
        }
        return Finding(check, .ok, "\(running.count) workers run, with \(running.map(\.slots).reduce(0, +)) slots")
    }

    package static func unattended(_ queues: [QueueView]) -> [Finding] {
        queues.compactMap { queue in
            let work = queue.levels.map { $0.waiting + $0.published }.reduce(0, +)
            guard work > 0, queue.workers == 0 else { return nil }
            return Finding(
                "coordinator.queue.\(queue.name)", .warning, "queue '\(queue.name)' has \(work) tasks and no worker",
                remedy: "start one: baton worker --queues \(queue.name)")
        }
    }

    /// Handlers that queued tasks wait for, and that no worker of their queue has.
    package static func unhandled(_ tasks: [TaskView], _ workers: [WorkerView]) -> [Finding] {
        var counts: [HandlerName: Int] = [:]
        for task in tasks {
            let isKnown = workers.contains { $0.state != "silent" && $0.handlers.contains(task.handler) && $0.queues.contains(task.queue) }
            if !isKnown { counts[task.handler, default: 0] += 1 }
        }
        return counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { handler, count in
            Finding(
                "coordinator.handler.\(handler)", .warning, "\(count) queued tasks need the handler '\(handler)', which no worker of their queue has",
                remedy: "start a worker that registers it, or correct the handler's name in the graph")
        }
    }
}
