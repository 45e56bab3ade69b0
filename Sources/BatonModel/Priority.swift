/// How urgent a task is among the ready tasks of its queue: 0 starts first.
public enum Priority: Int, Sendable, Codable, CaseIterable, Comparable {
    case urgent = 0
    case high = 1
    case normal = 2
    case low = 3

    public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}
