import ArgumentParser
import BatonModel

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Shows a run, or one of its tasks with inputs, result and attempts.",
        discussion: """
            Examples:
              baton get 01JD8Z6T9Q
              baton get 01JD8Z6T9Q charge
              baton get 01JD8Z6T9Q charge --json
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Argument(help: "A task of the run.")
    var task: TaskID?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.run { client in
            if let task {
                let view = try await client.task(task, of: run)
                Terminal.standardOutput(options.json ? JSONText.pretty(view) : Self.text(view))
            } else {
                let view = try await client.run(run)
                Terminal.standardOutput(options.json ? JSONText.pretty(view) : Self.text(view))
            }
        }
    }

    private static func text(_ run: RunView) -> String {
        var fields = Fields()
        fields.add("run", run.id.rawValue)
        fields.add("name", run.name)
        fields.add("status", run.status.rawValue, Style.colour(run.status))
        fields.add("key", run.key)
        fields.add("correlation", run.correlationId)
        fields.add("owner", run.owner)
        fields.add("created", run.createdAt.dateAndTime)
        fields.add("finished", run.finishedAt.map { "\($0.dateAndTime) (\(($0 - run.createdAt).forPeople))" })
        fields.add("progress", "\(Int(run.progress * 100)) % of \(run.total) tasks")
        for status in TaskStatus.allCases {
            fields.add("  \(status.rawValue)", run.counts[status.rawValue].map(String.init), Style.colour(status))
        }
        fields.add("error", run.error)
        fields.add("failed, not critical", run.nonCriticalFailures?.map(\.rawValue).joined(separator: ", "))
        fields.add("skipped", run.skipped?.map(\.rawValue).joined(separator: ", "))
        return fields.text
    }

    private static func text(_ task: TaskView) -> String {
        var fields = Fields()
        fields.add("task", task.id.rawValue)
        fields.add("handler", task.handler.rawValue)
        fields.add("status", task.status.rawValue, Style.colour(task.status))
        fields.add("queue", "\(task.queue), priority \(task.priority)")
        fields.add("parent", task.parent?.rawValue)
        fields.add("dependencies", task.dependencies.isEmpty ? nil : task.dependencies.map(\.rawValue).joined(separator: ", "))
        fields.add("attempts", "\(task.attempts) of \(task.maxAttempts)")
        fields.add("worker", task.worker?.rawValue)
        fields.add("queued", task.queuedAt?.dateAndTime)
        fields.add("started", task.startedAt?.dateAndTime)
        fields.add("finished", task.finishedAt?.dateAndTime)
        fields.add("goes on", task.dueAt?.dateAndTime)
        fields.add("progress", task.progress.map { "\(Int($0 * 100)) % \(task.progressMessage ?? "")" })
        fields.add("error", task.error)
        fields.add("inputs", task.inputs?.description)
        fields.add("params", task.params?.description)
        fields.add("result", task.result?.description)
        for attempt in task.history ?? [] {
            let worker = attempt.worker.map { " on \($0)" } ?? ""
            let reason = attempt.error.map { ": \($0.type): \($0.message)" } ?? ""
            fields.add("  attempt \(attempt.number)", attempt.status + worker + reason)
        }
        return fields.text
    }
}

/// Names and values, one a line, the values below one another.
private struct Fields {
    private var rows: [(name: String, value: String, colour: Style.Colour?)] = []

    mutating func add(_ name: String, _ value: String?, _ colour: Style.Colour? = nil) {
        if let value { rows.append((name, Terminal.clean(value), colour)) }
    }

    mutating func add(_ name: String, _ error: TaskError?) {
        add(name, error.map { "\($0.type): \($0.message)" }, .red)
    }

    var text: String {
        let style = Terminal().style
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            style(row.name, .dim) + String(repeating: " ", count: width - row.name.count + 2) + style(row.value, row.colour)
        }.joined(separator: "\n")
    }
}
