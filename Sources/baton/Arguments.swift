public import ArgumentParser
public import BatonCoordinator
public import BatonModel
public import Logging

// What can stand on the command line.

extension RunID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension TaskID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension QueueName: ExpressibleByArgument {
    public init?(argument: String) { if NameRule.allows(argument) { self.init(argument) } else { return nil } }
}

extension AttemptID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Role: ExpressibleByArgument {}
extension RunStatus: ExpressibleByArgument {}
extension PictureFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}

extension CompletionKind {
    /// Graphs and schedules.
    static var document: CompletionKind { .file(extensions: ["yaml", "yml", "json"]) }
}
