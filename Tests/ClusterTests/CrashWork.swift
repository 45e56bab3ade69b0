import BatonModel
import Foundation

/// The graphs that go through a crash. Their shell tasks leave a line each time that they are executed.
struct CrashWork: Sendable {
    /// The file that the lines are in.
    let effects: String

    private static let retry: JSONValue = ["maxAttempts": 8, "delay": "100ms", "backoff": "fixed"]

    private func effect(
        _ run: String, _ id: String, _ then: String = "true", after dependencies: [JSONValue] = [], _ more: [String: JSONValue] = [:]
    ) -> JSONValue {
        let command = "echo \(run)/\(id) $(date +%s%3N) >> '\(effects)'; \(then)"
        let fields: [String: JSONValue] = ["retry": Self.retry]
        return step(id, "core.shell", inputs: ["command": .string(command)], after: dependencies, fields.merging(more) { $1 })
    }

    /// The names of the tasks that a run executed, each as often as it did, with the time.
    func lines() -> [(task: String, at: Timestamp)] {
        let text = (try? String(contentsOfFile: effects, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let time = Int64(words[1]) else { return nil }
            return (String(words[0]), Timestamp(milliseconds: time))
        }
    }

    private func keyed(_ name: String, _ tasks: [JSONValue]) -> JSONValue { graph(name, tasks, ["key": .string(name)]) }

    /// Fans out and joins, with a retry, a delay and a graph within.
    var order: JSONValue {
        let fan = (1...4).map { effect("order", "fan-\($0)", $0 == 1 ? "sleep 0.3" : "true", after: ["first"]) }
        return keyed(
            "order",
            [effect("order", "first")] + fan + [
                step("join", "core.echo", after: (1...4).map { .string("fan-\($0)") }),
                step("again", "core.fail", inputs: ["attempts": 1], after: ["first"], ["retry": Self.retry]),
                effect("order", "later", "true", after: ["first"], ["delay": "400ms"]),
                .object(["id": "inner", "dependencies": ["join"], "graph": ["tasks": [step("a", "core.echo"), step("b", after: ["a"])]]]),
            ])
    }

    /// Fails at its end, and is undone.
    var saga: JSONValue {
        let undone: [String: JSONValue] = ["compensate": ["handler": "core.echo", "retry": Self.retry]]
        return keyed(
            "saga",
            [
                effect("saga", "one", "true", after: [], undone), effect("saga", "two", "true", after: ["one"], undone),
                step("fails", "core.fail", after: ["two"], ["retry": ["maxAttempts": 1]]),
            ])
    }

    /// Is cancelled while `long` runs and the others wait for a worker.
    var cancelled: JSONValue {
        let held = (1...3).map { effect("cancelled", "held-\($0)", "true", after: [], ["queue": "held"]) }
        return keyed("cancelled", [effect("cancelled", "long", "exec sleep 60"), effect("cancelled", "after", "true", after: ["long"])] + held)
    }

    /// Is soon leased, and missed soon.
    var leased: JSONValue {
        keyed("leased", [effect("leased", "work", "exec sleep 1.5", after: [], ["timeouts": ["heartbeat": "2s"]])])
    }

    /// Comes over AMQP.
    var message: JSONValue { graph("message", [effect("message", "work")]) }

    /// Its tasks' messages are behind the cancelled ones.
    var last: JSONValue { keyed("last", [effect("last", "work", "true", after: [], ["queue": "held"])]) }

    /// Starts two runs.
    var schedule: JSONValue {
        [
            "name": "beat", "every": "1s", "times": 2, "overlap": "allow",
            "graph": ["name": "beat", "tasks": [effect("beat", "work")]],
        ]
    }

    /// What has to have been executed at least once.
    static let executed = [
        "order/first", "order/fan-1", "order/fan-2", "order/fan-3", "order/fan-4", "order/later", "saga/one", "saga/two", "cancelled/long",
        "leased/work", "message/work", "last/work", "beat/work",
    ]
}
