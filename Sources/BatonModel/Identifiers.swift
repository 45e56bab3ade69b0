/// A string that names one kind of thing, so that a task's id can't be passed where a run's is meant.
public protocol Identifier: RawRepresentable<String>, Hashable, Sendable, Codable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    init(rawValue: String)
}

extension Identifier {
    public init(_ rawValue: String) { self.init(rawValue: rawValue) }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// One execution of a graph. Unique for ever; sorts by time of submission.
public struct RunID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A task's name within its graph.
public struct TaskID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name by which workers offer a piece of code and graphs ask for it.
public struct HandlerName: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A named stream of work with its own workers.
public struct QueueName: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let `default`: QueueName = "default"
}

/// A worker process, unique for each start of it.
public struct WorkerID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// What names of graphs, tasks, handlers and queues are made of: `[A-Za-z0-9._-]{1,128}`.
public enum NameRule {
    public static let maximumLength = 128
    public static let explanation = "1 to 128 of the characters A-Z a-z 0-9 . _ -"

    public static func allows(_ name: String) -> Bool {
        var count = 0
        for byte in name.utf8 {
            guard allows(byte) else { return false }
            count += 1
        }
        return count >= 1 && count <= maximumLength
    }

    static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
