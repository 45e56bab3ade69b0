import BatonModel
import BatonWire
import Foundation

/// A task message made to see what the worker does with it.
struct Probe: Sendable {
    var message: Message
    var priority: Priority
    /// The attempt's id.
    var key: String { message.messageID ?? "" }
}

/// Makes probes, each an attempt of its own in a run of its own.
struct ProbeMaker {
    private let run: RunID
    private var count = 0

    init() { run = RunID("conformance-" + String(UInt32.random(in: .min ... .max), radix: 36)) }

    /// - Parameters:
    ///   - again: the probe whose task this is the next attempt of.
    ///   - change: of the finished message.
    mutating func make(
        _ handler: HandlerName, _ inputs: JSONValue? = nil, priority: Priority = .normal, heartbeat: Duration? = nil,
        needsClaim: Bool = false, again: Probe? = nil, change: (inout Message) -> Void = { _ in }
    ) -> Probe {
        var attempt = AttemptID(run: run, task: count, number: 1)
        if let earlier = again.flatMap({ AttemptID($0.key) }) {
            attempt = AttemptID(run: earlier.run, task: earlier.task, number: earlier.number + 1)
        } else {
            count += 1
        }
        let task = TaskMessage(
            attempt: attempt, task: TaskID("probe-\(attempt.task)"), handler: handler, correlationID: run.rawValue, priority: priority,
            replyTo: Conductor.replyTo, maxAttempts: 3, heartbeat: heartbeat, needsClaim: needsClaim,
            sentAt: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), body: .init(inputs: inputs.map { JSON($0) }))
        var message = task.message
        change(&message)
        return Probe(message: message, priority: priority)
    }
}
