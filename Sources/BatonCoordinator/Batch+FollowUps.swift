import BatonEngine
import BatonModel
import BatonStore

/// What follows from a decision in other runs, or once it is written. One document can make that practically endless, so a batch
/// does only so much of it, and the rest waits as alarms that are due at once: for the next batch, or for the next coordinator.
extension Batch {
    /// Of each batch. A run that begins counts for more, and for as many as it has tasks.
    static let mostFollowUps = 2000
    static let costOfRun = 4

    var hasRoom: Bool { spent < Self.mostFollowUps }

    /// Does it; or puts it off, where the batch has done enough.
    mutating func follow(_ followUp: FollowUp) throws {
        guard hasRoom else { return try putOff(followUp) }
        spent += 1
        var name = followUp.name
        do {
            guard let reason = faulty[name] else { return try perform(followUp) }
            name += " given up"
            // Where even that can't be decided on, nothing is left to be done.
            if faulty[name] == nil { try giveUp(followUp, reason) }
        } catch let error where FaultyInput.isFault(error) {
            throw FaultyFollowUp(name: name, error: error)
        }
    }

    private mutating func perform(_ followUp: FollowUp) throws {
        switch followUp {
        case .event(let run, let event): try decide(run, event)
        case .pass(let run, let task): try pass(task, of: run)
        case .wake(let gate): try wake(gate)
        case .child(let run, let task): try startChild(task, of: run)
        case .ended(let run, let parent): try childEnded(run, parent)
        case .schedule(let name): try visit(schedule: name)
        }
    }

    // MARK: - Later

    mutating func putOff(_ followUp: FollowUp) throws {
        switch followUp {
        case .pass(let run, let task): try putOff("pass", run, task)
        case .child(let run, let task): try putOff("child", run, task)
        case .wake(let gate): try arm(PutOff(kind: "wake", subject: gate))
        case .ended(let run, _): try arm(PutOff(kind: "ended", subject: run.state.id.rawValue))
        case .event(_, .cached(let attempt, _)), .event(_, .refused(let attempt, _)), .event(_, .undeliverable(let attempt, _)):
            // It stands where it stood, so the same is found out again.
            guard let run = try cache.run(attempt.run, transaction) else { return }
            try putOff("pass", run, attempt.task)
        case .event(let run, .cancelRun(let reason)):
            try arm(PutOff(kind: "cancel", subject: "\(run) \(String(reason.prefix(1000)))"))
        case .schedule(let name):
            guard var stored = try transaction.schedule(name) else { return }
            stored.due = min(now, stored.due ?? now)
            try transaction.put(stored)
        case .event: try perform(followUp)
        }
    }

    private mutating func putOff(_ kind: String, _ run: CachedRun, _ task: Int) throws {
        guard run.state.tasks.has(task) else { return }
        try arm(PutOff(kind: kind, subject: run.state.attemptID(of: task).description))
    }

    private mutating func arm(_ putOff: PutOff) throws {
        putOffs += 1
        try transaction.arm(alarm: putOff.name(putOffs), due: now)
    }

    /// What was put off has its turn. Where things have changed meanwhile nothing is to be done any more.
    mutating func goOn(_ alarm: String) throws {
        guard let putOff = PutOff(alarm) else { return }
        switch putOff.kind {
        case "wake": followUps.append(.wake(putOff.subject))
        case "ended":
            guard let run = try cache.run(RunID(putOff.subject), transaction), let parent = run.state.header.lineage.parent else { return }
            followUps.append(.ended(run, parent: parent))
        case "cancel":
            let parts = putOff.subject.split(separator: " ", maxSplits: 1)
            guard let run = parts.first else { return }
            followUps.append(.event(RunID(String(run)), .cancelRun(reason: parts.count > 1 ? String(parts[1]) : "cancelled")))
        default:
            guard let attempt = AttemptID(putOff.subject), let run = try cache.run(attempt.run, transaction),
                run.state.tasks.has(attempt.task), Int(run.state.tasks[attempt.task].attempt) == attempt.number
            else { return }
            followUps.append(putOff.kind == "child" ? .child(run, task: attempt.task) : .pass(run, task: attempt.task))
        }
    }

    // MARK: - Faults

    /// Ends what can't go on, so that nobody waits for it.
    private mutating func giveUp(_ followUp: FollowUp, _ reason: String) throws {
        let error = TaskError(type: TaskError.Kind.runFailed, message: "the coordinator can't decide on it: \(reason)", retryable: false)
        switch followUp {
        case .pass(let run, let task):
            guard run.state.tasks.has(task) else { return }
            try decide(run.state.id, .undeliverable(run.state.attemptID(of: task), error: error))
        case .event(let run, .cached(let attempt, _)), .event(let run, .refused(let attempt, _)):
            try decide(run, .undeliverable(attempt, error: error))
        case .child(let run, let task):
            guard run.state.tasks.has(task) else { return }
            try decide(run.state.id, .childEnded(run.state.attemptID(of: task), .failed, result: .null, error: error))
        case .ended(_, let parent): try decide(parent.run, .childEnded(parent, .failed, result: .null, error: error))
        case .schedule(let name):
            guard var stored = try transaction.schedule(name) else { return }
            stored.due = nil
            try transaction.put(stored)
        case .wake, .event: break
        }
    }
}

extension Batch.FollowUp {
    /// Tells it from the others of a batch; the same when the batch is done again.
    var name: String {
        switch self {
        case .event(let run, .cached(let attempt, _)), .event(let run, .refused(let attempt, _)),
            .event(let run, .undeliverable(let attempt, _)):
            "attempt \(run) \(attempt)"
        case .event(let run, _): "event \(run)"
        case .pass(let run, let task): "pass \(run.number.rawValue) \(task)"
        case .wake(let gate): "wake \(gate)"
        case .child(let run, let task): "child \(run.number.rawValue) \(task)"
        case .ended(let run, _): "ended \(run.number.rawValue)"
        case .schedule(let name): "schedule \(name)"
        }
    }
}

/// What a batch leaves for the next one, as the name of an alarm.
struct PutOff: Equatable {
    var kind: String
    var subject: String

    private static let prefix = "next:"

    /// - Parameter number: its place among those of its batch, which alarms of one time are taken by.
    func name(_ number: Int) -> String {
        let digits = String(number)
        // The store's texts end at a NUL.
        let subject = subject.filter { $0 != "\0" }
        return "\(Self.prefix)\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits):\(kind):\(subject)"
    }

    static func isName(_ alarm: String) -> Bool { alarm.hasPrefix(prefix) }

    init(kind: String, subject: String) {
        self.kind = kind
        self.subject = subject
    }

    init?(_ alarm: String) {
        let parts = alarm.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard Self.isName(alarm), parts.count == 4 else { return nil }
        self.init(kind: String(parts[2]), subject: String(parts[3]))
    }
}

/// Something that follows from what was decided can't be decided on itself. What it follows from is not to suffer from that.
struct FaultyFollowUp: Error {
    var name: String
    var error: any Error
}
