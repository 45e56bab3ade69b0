import ArgumentParser
import BatonModel

/// Which part of a run a new one is made of, and what the new one is called.
struct ReuseOptions: ParsableArguments {
    @Option(name: .customLong("task"), parsing: .upToNextOption, help: "Only these tasks; without any, all.")
    var tasks: [TaskID] = []

    @Flag(help: "Leave out what is below the tasks by their parents.")
    var noChildren = false

    @Flag(help: "Also all that the tasks depend on.")
    var upstream = false

    @Flag(help: "Also all that depends on the tasks.")
    var dependents = false

    @Option(help: "The new run's name; by default the original's.")
    var name: String?

    @Option(help: "The idempotency key: the same again under the same key gives the run made the first time.")
    var key: String?

    @Option(help: "The new run's owner; by default the original's.")
    var owner: String?

    func validate() throws {
        guard tasks.isEmpty else { return }
        if noChildren || upstream || dependents {
            throw ValidationError("--no-children, --upstream and --dependents go with --task: say of which tasks")
        }
    }

    var request: ReuseRequest {
        ReuseRequest(
            tasks: tasks.isEmpty ? nil : tasks, children: noChildren ? false : nil, upstream: upstream ? true : nil,
            dependents: dependents ? true : nil, name: name, key: key, owner: owner)
    }
}
