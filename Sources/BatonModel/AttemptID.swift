/// One try of a task by a worker: the token by which late and doubled reports are told apart.
///
/// Its text is `<run>.<index>.<number>`. Foreign workers treat it as opaque and echo it; the coordinator reads from it
/// where a report belongs without asking the store.
public struct AttemptID: Hashable, Sendable, CustomStringConvertible {
    public let run: RunID
    /// The task's position in its run, from 0.
    public let task: Int
    /// From 1.
    public let number: Int

    public init(run: RunID, task: Int, number: Int) {
        self.run = run
        self.task = task
        self.number = number
    }

    /// `nil` where the text isn't an attempt's id.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let run = String(parts[0]), !run.isEmpty,
            let task = Int(Substring(parts[1])), let number = Int(Substring(parts[2])),
            task >= 0, task <= Int(Int32.max), number >= 1, number <= Int(Int32.max)
        else { return nil }
        self.init(run: RunID(run), task: task, number: number)
    }

    public var description: String { "\(run.rawValue).\(task).\(number)" }
}
