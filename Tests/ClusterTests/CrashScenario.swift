import BatonModel
import Foundation
import Synchronization

import struct BatonWire.Topology

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One crash point, on a cluster of its own: work of all kinds goes on while one process dies at the point and is started again.
struct CrashScenario: Sendable {
    let plan: CrashPlan
    let cluster: Cluster
    private let work: CrashWork
    private let victim = Victim()

    private final class Victim: Sendable { let program = Mutex<Program?>(nil) }

    /// The runs that were accepted.
    struct Accepted: Sendable {
        var order, saga, cancelled, leased: RunID
    }

    init(_ plan: CrashPlan, on cluster: Cluster) {
        self.plan = plan
        self.cluster = cluster
        work = CrashWork(effects: cluster.directory + "/effects")
    }

    private var api: ServerAPI { cluster.api }

    /// Leases are asked for at once, and signs of life come often.
    private static let worker = ["BATON_LEASE_AFTER": "300ms", "BATON_HEARTBEAT_INTERVAL": "500ms"]

    /// - Returns: what should have held and didn't.
    func run() async throws -> [String] {
        if plan.victim == .coordinator, plan.beginning == .fresh || plan.beginning == .afterWorker {
            note(try cluster.launchCoordinator(environment: plan.environment))
        } else {
            try cluster.launchCoordinator()
        }
        async let revived: Void = revive()
        let mistakes = try await cluster.withPeer { peer in
            try await cluster.coordinatorIsReady()
            let heard = try await eventually("the exchange of events") { try await peer.events() }
            let accepted: Accepted
            switch plan.beginning {
            case .fresh:
                try launchWorker()
                accepted = try await submit(peer)
            case .afterCoordinator:
                accepted = try await submit(peer)
                try await cluster.coordinator.crash()
                note(try cluster.launchCoordinator(environment: plan.environment))
                try launchWorker()
            case .afterQueue:
                accepted = try await submit(peer)
                _ = try await eventually("work in the queue") { try await peer.waiting("default") > 2 ? () : nil }
                if plan.victim == .coordinator { try await cluster.coordinator.crash() }
                try await peer.delete(queue: Topology(namespace: cluster.namespace).tasksQueue("default", .normal).name)
                if plan.victim == .coordinator { note(try cluster.launchCoordinator(environment: plan.environment)) }
                try launchWorker()
            case .afterWorker:
                let first = try cluster.launchWorker(environment: ["BATON_CRASH_AT": CrashPoint.taskReceived.rawValue])
                accepted = try await submit(peer)
                try Self.check(try await first.exit(within: .seconds(40)), of: first)
                try launchWorker()
            }
            // Not by its event: a claimed attempt counts as started before its handler is called.
            try await eventually("the long task", within: .seconds(60)) { work.lines().contains { $0.task == "cancelled/long" } ? () : nil }
            let acknowledged = try await cancel(accepted.cancelled)
            // Only now is there anybody for what has been cancelled.
            let late = try cluster.launchWorker(queues: ["held"], environment: Self.worker.merging(plan.victim == .lateWorker ? plan.environment : [:]) { $1 })
            if plan.victim == .lateWorker { note(late) }
            let last = try await submit(work.last)
            return try await check(accepted, last, acknowledged, heard, peer)
        }
        try await revived
        return mistakes
    }

    // MARK: The crash

    private func note(_ program: Program) { victim.program.withLock { $0 = program } }

    private func launchWorker() throws {
        guard plan.victim == .worker else { return _ = try cluster.launchWorker(environment: Self.worker) }
        note(try cluster.launchWorker(environment: Self.worker.merging(plan.environment) { $1 }))
    }

    /// Starts the victim again once it has killed itself.
    private func revive() async throws {
        let program = try await eventually("a process to die at \(plan.point)", within: .seconds(60)) { victim.program.withLock { $0 } }
        try Self.check(try await program.exit(within: .seconds(60)), of: program)
        switch plan.victim {
        case .coordinator: try cluster.launchCoordinator()
        case .worker: _ = try cluster.launchWorker(environment: Self.worker)
        case .lateWorker: _ = try cluster.launchWorker(queues: ["held"], environment: Self.worker)
        }
    }

    private static func check(_ status: Int32, of program: Program) throws {
        if status != -SIGKILL { throw Failure("\(program.name) ended with \(status) instead of dying at its point") }
    }

    // MARK: Requests, as of a client that asks again until it is answered

    private func submit(_ document: JSONValue) async throws -> RunID {
        try await eventually("an accepted run") { try await api.submit(document).id }
    }

    private func submit(_ peer: BrokerPeer) async throws -> Accepted {
        let accepted = Accepted(
            order: try await submit(work.order), saga: try await submit(work.saga), cancelled: try await submit(work.cancelled),
            leased: try await submit(work.leased))
        try await peer.submit(.init(type: "graph", messageID: "the-message", body: JSON(work.message).bytes))
        try await eventually("an accepted schedule") {
            // It may have been accepted without the answer having come.
            [201, 409].contains(try await api.ask("POST", "/v1/schedules", body: JSON(work.schedule).bytes).status) ? () : nil
        }
        return accepted
    }

    /// - Returns: when it was acknowledged.
    private func cancel(_ run: RunID) async throws -> Timestamp {
        _ = try await eventually("an acknowledged cancel") { try await api.cancel(run, reason: "not wanted any more") }
        return .now
    }

    // MARK: What must hold

    private func check(
        _ accepted: Accepted, _ last: RunID, _ acknowledged: Timestamp, _ heard: BrokerPeer.HeardEvents, _ peer: BrokerPeer
    ) async throws -> [String] {
        var mistakes: [String] = []
        var records: [String: Recorded] = [:]
        func take(_ name: String, _ run: RunID, as status: RunStatus = .completed) async throws {
            _ = try await api.end(of: run, within: .seconds(60))
            // The victim may be dead just now.
            let record = try await eventually("what is on record of \(name)") { try await api.record(of: run) }
            if record.run.status != status { mistakes.append("\(name) is \(record.run.status): \(record.run.error?.message ?? "")") }
            mistakes += record.mistakes.map { "\(name): \($0)" }
            records[name] = record
        }
        try await take("order", accepted.order)
        try await take("saga", accepted.saga, as: .failed)
        try await take("cancelled", accepted.cancelled, as: .cancelled)
        try await take("leased", accepted.leased)
        try await take("last", last)
        let schedule = try await eventually("the schedule's end") {
            let view: ScheduleView = try await api.ask("GET", "/v1/schedules/beat").decode()
            return view.status == .ended ? view : nil
        }
        let runs = try await eventually("the runs") { try await api.runs() }
        for (position, beat) in runs.filter({ $0.schedule == "beat" }).enumerated() { try await take("beat \(position)", beat.id) }
        if runs.filter({ $0.schedule == "beat" }).count != schedule.started { mistakes.append("the schedule says that it started \(schedule.started)") }
        if schedule.started + schedule.missed != 2 { mistakes.append("of two occurrences \(schedule.started) started, \(schedule.missed) were missed") }
        for name in ["order", "saga", "cancelled", "leased", "message", "last"] {
            let count = runs.count { $0.name == name }
            if count != 1 { mistakes.append("there are \(count) runs '\(name)'") }
        }
        if let message = runs.first(where: { $0.name == "message" }) { try await take("message", message.id) }
        if Set(records["saga"]?.run.undone ?? []) != ["one", "two"] { mistakes.append("undone: \(records["saga"]?.run.undone ?? [])") }
        let joined = try await eventually("the join") { try await api.task("join", of: accepted.order) }
        if joined.result?.value.object?.count != 4 { mistakes.append("the join has \(String(describing: joined.result))") }
        mistakes += checkEffects(acknowledged)
        try await eventually("a queue without cancelled tasks") { try await peer.waiting("held") == 0 ? () : nil }
        for (name, record) in records {
            do {
                try await eventually("the events of \(name)", within: .seconds(10)) { record.events.allSatisfy(heard.contains) ? () : nil }
            } catch {
                mistakes.append("\(name): nobody has heard of the events \(record.events.filter { !heard.contains($0) }.map(\.id))")
            }
        }
        return mistakes
    }

    private func checkEffects(_ acknowledged: Timestamp) -> [String] {
        let lines = work.lines()
        var mistakes = CrashWork.executed.filter { task in !lines.contains { $0.task == task } }.map { "\($0) was never executed" }
        mistakes += lines.filter { $0.task.hasPrefix("cancelled/") && ($0.task != "cancelled/long" || $0.at > acknowledged) }
            .map { "\($0.task) was executed at \($0.at); the cancel was acknowledged at \(acknowledged)" }
        return mistakes
    }
}
