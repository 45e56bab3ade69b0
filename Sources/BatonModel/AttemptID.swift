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
            let task = Self.number(parts[1]), let number = Self.number(parts[2]), number >= 1
        else { return nil }
        self.init(run: RunID(run), task: task, number: number)
    }

    /// One spelling for each number, so that no other text names the same attempt.
    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "0") || digits.count == 1,
            let value = Int(Substring(digits)), value >= 0, value <= Int(Int32.max)
        else { return nil }
        return value
    }

    public var description: String { "\(run.rawValue).\(task).\(number)" }
}

/// As its text.
extension AttemptID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = AttemptID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an attempt's id")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
