/// A day of each year, such as 24 December. 29 February is 28 February in years that have no such day.
public struct YearDay: Sendable, Hashable, Comparable {
    /// From 1 to 12.
    public let month: Int
    public let day: Int

    /// - Returns: `nil` for a day that no year has, such as 31 February.
    public init?(month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: 2000) else { return nil }
        self.month = month
        self.day = day
    }

    /// Reads `12-24`: the month first.
    public init?(text: String) {
        guard let (month, day) = Self.numbers(text) else { return nil }
        self.init(month: month, day: day)
    }

    public var text: String { (month < 10 ? "0" : "") + "\(month)-" + (day < 10 ? "0" : "") + "\(day)" }

    public static func < (left: YearDay, right: YearDay) -> Bool { (left.month, left.day) < (right.month, right.day) }

    /// Two digits, a dash, two digits; whether or not a calendar has that day.
    static func numbers(_ text: String) -> (month: Int, day: Int)? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: "-") else { return nil }
        let digits = [0, 1, 3, 4].map { Int(bytes[$0]) - 48 }
        guard digits.allSatisfy((0...9).contains) else { return nil }
        return (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
    }

    func days(in month: MonthDays) -> UInt32 { month.month == self.month ? month.day(min(day, month.count)) : 0 }
}
