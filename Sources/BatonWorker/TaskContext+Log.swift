public import BatonModel

extension TaskContext {
    /// Adds a line to the attempt's log, which people see beside the task: `baton logs RUN TASK`. Returns at once; lines are sent
    /// in bundles, the last ones before the attempt's outcome. Those of a worker that dies may be lost. An attempt keeps 1,000 lines
    /// of 8 KiB each; longer ones are cut.
    ///
    /// - Parameter data: values that belong to the line, as an object of at most 16 KiB.
    public func log(_ level: LogLine.Level = .info, _ message: String, data: JSON? = nil) {
        addLine(LogLine(at: .now, level: level, message: message, data: data))
    }
}
