import BatonModel
import BatonWire

/// What handlers do, as the dice say.
///
/// Unchecked: a simulation and all that belongs to it are used by one thread.
final class Behaviour: @unchecked Sendable {
    private var dice: Dice
    /// Nothing hangs any more, and little fails.
    var isCalm = false

    init(_ dice: Dice) { self.dice = dice }

    static let handlers: [WorkerAnnouncement.Handler] = ["work", "flaky", "hang", "decide", "list", "check", "undo", "squeeze", "dispatch"].map {
        WorkerAnnouncement.Handler(name: HandlerName($0), hooks: $0 == "flaky" ? ["onFailed", "onCancelled"] : [])
    }

    /// Whether a handler heeds that it is told to stop.
    func stops() -> Bool { !dice.once(in: 4) }

    func sign() -> Report.Content {
        if dice.once(in: 3) { return .heartbeat }
        return .progress(Report.Progress(fraction: Double(dice.below(11)) / 10, checkpoint: dice.once(in: 2) ? JSON(JSONValue.object(["step": 1])) : nil))
    }

    /// - Returns: how long it takes, `nil` for ever, and what comes of it.
    func plan(_ task: TaskMessage) -> (Duration?, Report.Content) {
        (time(task), task.hook == nil ? outcome(task) : .completed(result: .null))
    }

    private func time(_ task: TaskMessage) -> Duration? {
        if task.handler == "hang", !isCalm, dice.once(in: 2) { return nil }
        return switch dice.below(10) {
        case 0...5: .milliseconds(dice.below(80))
        case 6, 7: .milliseconds(100 + dice.below(900))
        case 8: .seconds(1 + dice.below(8))
        default: isCalm ? .milliseconds(50) : .seconds(5 + dice.below(90))
        }
    }

    private func outcome(_ task: TaskMessage) -> Report.Content {
        var fields: [String: JSONValue] = ["attempt": .string(task.attempt.description), "n": .integer(Int64(dice.below(4)))]
        switch task.handler {
        case "flaky":
            if dice.once(in: isCalm ? 4 : 2) { return failure() }
        case "decide": fields["route"] = .string(dice.pick(["left", "right", "again", "left", "right", "nowhere"]))
        case "list": fields["items"] = .array((0..<dice.below(5)).map { .integer(Int64($0)) })
        case "check":
            let verdict = dice.pick(["pass", "pass", "pass", "reject", "change"])
            var answer: [String: JSONValue] = ["verdict": .string(verdict)]
            if verdict == "reject" { answer["feedback"] = "once more" }
            if verdict == "change" { answer["result"] = ["changed": true] }
            return .completed(result: JSON(.object(answer)))
        case "undo":
            if dice.once(in: 4) { return failure() }
        case "dispatch":
            let sent = JSON(JSONValue.object([
                "id": .string("sent-\(task.attempt.task)-\(dice.below(3))"), "handler": "work", "priority": .integer(Int64(dice.below(4))),
            ]))
            return .completed(result: JSON(.object(fields)), dispatch: dice.once(in: 4) ? [] : [sent])
        default:
            if dice.once(in: isCalm ? 12 : 6) { return failure() }
        }
        return .completed(result: JSON(.object(fields)))
    }

    private func failure() -> Report.Content {
        var error = TaskError(type: dice.pick(["broken", "down", "refused"]), message: "the dice say so")
        if dice.once(in: 4) { error.retryable = false }
        if dice.once(in: 6) { error.retryAfterMs = Int64(dice.below(3000)) }
        return .failed(error)
    }
}
