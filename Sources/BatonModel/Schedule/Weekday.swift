/// A day of the week; weeks begin on Monday, as in ISO 8601.
public enum Weekday: Int, Sendable, Hashable, CaseIterable, Comparable {
    case monday = 0
    case tuesday, wednesday, thursday, friday, saturday, sunday

    /// As in documents: `mon` to `sun`.
    public var text: String { Self.names[rawValue] }

    /// Reads the first three letters of the English name, or all of it, in either case.
    public init?(text: some StringProtocol) {
        guard text.utf8.count <= 9 else { return nil }
        let name = text.lowercased()
        guard let day = Self.allCases.first(where: { name == $0.text || name == "\($0)" }) else { return nil }
        self = day
    }

    public static func < (left: Weekday, right: Weekday) -> Bool { left.rawValue < right.rawValue }

    /// 1970-01-01 was a Thursday.
    init(daysSince1970 days: Int) {
        let shifted = days + 3
        self = Self.allCases[shifted - shifted.flooredQuotient(7) * 7]
    }

    static let explanation = "a day of the week: mon, tue, wed, thu, fri, sat, sun"
    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
}
