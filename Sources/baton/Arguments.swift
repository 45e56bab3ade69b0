public import ArgumentParser
public import BatonModel
public import Logging

// What can stand on the command line.

extension RunID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension TaskID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension AttemptID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension RunStatus: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
