import BatonModel
import BatonStore

/// What the tasks of a run wait for: reads where they stand, and says it in words and as data.
///
/// A value for one question, on one consistent view of the store.
struct Why {
    /// What a store doesn't know: the workers, and how full the broker is.
    struct Surroundings: Sendable {
        var now: Timestamp
        var workers: [WorkerView]
        /// How many attempts of a level may be with the broker at a time.
        var window: @Sendable (QueueName) -> Int
        /// Why nothing can be sent, where that is so.
        var brokerProblem: String?
    }

    /// How many causes of a kind are listed.
    static let listed = 20
    /// How many tasks are looked at in search of the bottom of a chain.
    static let searched = 5000

    let reader: any StoreReader
    let run: StoredRun
    let surroundings: Surroundings

    var now: Timestamp { surroundings.now }

    /// - Throws: `OperationError` `.notFound`.
    func view(of task: TaskID) throws -> WhyView {
        guard let index = try reader.index(of: task, in: run.number) else {
            throw OperationError(.notFound, "run '\(run.header.id)' has no task '\(task)'")
        }
        return try view(of: standing(index), isDeep: true)
    }

    func standing(_ index: Int) throws -> TaskStanding {
        guard let standing = try reader.standing(TaskKey(run.number, index)) else {
            throw OperationError(.notFound, "run '\(run.header.id)' has no task number \(index)")
        }
        return standing
    }

    /// - Parameter isDeep: whether to follow what it waits for down to the bottom; what lies there is itself looked at without.
    func view(of standing: TaskStanding, isDeep: Bool) throws -> WhyView {
        switch standing.state.status {
        case .pending: try pending(standing, isDeep: isDeep)
        case .scheduled: scheduled(standing)
        case .retrying: try retrying(standing)
        case .queued: try standing.state.flags.contains(.examined) ? validating(standing) : queued(standing)
        case .running: try running(standing)
        case .completed: try completed(standing)
        case .failed: failed(standing)
        case .cancelled: try cancelled(standing)
        case .skipped: try skipped(standing)
        }
    }

    func view(_ standing: TaskStanding, _ reason: WhyView.Reason, _ text: String, _ waitsFor: [WhyView.Cause] = []) -> WhyView {
        WhyView(
            run: run.header.id, task: standing.node.id, status: standing.state.status, reason: reason, text: text, waitsFor: waitsFor)
    }

    // MARK: - The run as a whole

    func view() throws -> RunWhyView {
        let id = run.header.id
        let status = run.progress.status
        if status.isFinal {
            let error = run.progress.ending.map { ": " + Self.sentence($0.error.message) } ?? ""
            let text = "the run \(status == .cancelled ? "was cancelled" : status.rawValue)\(error)"
            guard status == .failed else { return RunWhyView(run: id, status: status, text: text) }
            let failed = try reader.tasks(of: run.number, status: .failed, limit: Self.listed, from: 0)
            return RunWhyView(run: id, status: status, text: text, tasks: try failed.map { try view(of: standing($0.index), isDeep: false) })
        }
        let limit = 50
        let found = try reader.underWay(in: run.number, limit: limit + 1)
        var tasks = try found.prefix(limit).map { try view(of: standing($0), isDeep: false) }
        if tasks.isEmpty {
            // Nothing is under way: those that wait say for what, such as for their context to be made smaller.
            let pending = try reader.tasks(of: run.number, status: .pending, limit: Self.listed, from: 0)
            tasks = try pending.map { try view(of: standing($0.index), isDeep: false) }
        }
        // What holds the run up comes before what goes its way.
        let order = tasks.enumerated().sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }
        return RunWhyView(
            run: id, status: status, text: text(tasks.count, isCut: found.count > limit), tasks: order.map(\.element),
            isCut: found.count > limit ? true : nil)
    }

    private func text(_ count: Int, isCut: Bool) -> String {
        let tasks = isCut ? "more than \(count) tasks" : count == 1 ? "one task" : "\(count) tasks"
        if run.progress.status == .compensating {
            return "the run undoes what had completed, because \(run.progress.ending?.error.message ?? "it failed"); that waits for \(tasks)"
        }
        if let ending = run.progress.ending {
            return "the run is to end as \(ending.status.rawValue), because \(Self.sentence(ending.error.message)); that waits for \(tasks)"
        }
        let ended = run.progress.total - run.progress[.pending] - run.progress[.scheduled] - run.progress[.queued]
            - run.progress[.running] - run.progress[.retrying]
        return "\(ended) of \(run.progress.total) tasks have ended; the rest waits for \(tasks)"
    }

    /// Whether somebody should look at it: smaller comes first.
    private static func rank(_ view: WhyView) -> Int {
        switch view.reason {
        case .brokerUnavailable, .noWorker, .noHandler, .queuePaused, .workerSilent, .circuitOpen, .answer: 0
        case .retry, .slotsBusy, .windowFull, .concurrencyLimit, .rateLimit, .twin, .cancelling: 1
        default: 2
        }
    }

    /// Without a full stop, so that it fits into one of ours; and not without bounds.
    static func sentence(_ message: String) -> String {
        var text = message.count > 300 ? message.prefix(299) + "…" : message[...]
        while text.last == "." || text.last == " " || text.last == "\n" { text.removeLast() }
        return String(text)
    }

    static func list(_ names: some Collection<String>, of count: Int) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return count > min(5, names.count) ? "\(shown) and \(count - min(5, names.count)) more" : shown
    }

    /// As people say it: to the second, or less where it matters.
    static func text(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.milliseconds)
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 10_000 { return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }
        let seconds = milliseconds / 1000
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7200 { return "\(seconds / 60) min" }
        return seconds < 172_800 ? "\(seconds / 3600) h \(seconds % 3600 / 60) min" : "\(seconds / 86_400) days"
    }

    func until(_ time: Timestamp?) -> String {
        guard let time else { return "soon" }
        return time > now ? "in \(Self.text(time - now)), at \(time)" : "now"
    }
}
