/// A day that each month has, or that most have.
public enum MonthDay: Sendable, Hashable {
    /// From 1 to 31. In a month that has no such day, its last.
    case day(Int)
    case last
    /// The first to fifth Monday and so on. A month without a fifth one is left out.
    case nth(Int, Weekday)
    case lastWeekday(Weekday)

    /// Reads `15`, `last`, `mon#1` or `fri#last`.
    public init?(text: String) {
        guard text.utf8.count <= 16 else { return nil }
        let parts = text.split(separator: "#", omittingEmptySubsequences: false)
        if parts.count == 2, let weekday = Weekday(text: parts[0]) {
            if parts[1].lowercased() == "last" {
                self = .lastWeekday(weekday)
            } else if parts[1].utf8.count == 1, let number = Int(parts[1]), (1...5).contains(number) {
                self = .nth(number, weekday)
            } else {
                return nil
            }
        } else if text.lowercased() == "last" {
            self = .last
        } else if text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = Int(text), (1...31).contains(number) {
            self = .day(number)
        } else {
            return nil
        }
    }

    /// As in documents.
    public var text: String {
        switch self {
        case .day(let number): String(number)
        case .last: "last"
        case .nth(let number, let weekday): "\(weekday.text)#\(number)"
        case .lastWeekday(let weekday): "\(weekday.text)#last"
        }
    }

    static let explanation = "a day from 1 to 31, 'last', or a weekday such as mon#1 (to mon#5) or fri#last"

    /// For a fixed order in documents.
    var order: Int {
        switch self {
        case .day(let number): number
        case .last: 32
        case .nth(let number, let weekday): 40 + number * 7 + weekday.rawValue
        case .lastWeekday(let weekday): 90 + weekday.rawValue
        }
    }

    func days(in month: MonthDays) -> UInt32 {
        switch self {
        case .day(let number): month.day(min(number, month.count))
        case .last: month.day(month.count)
        case .nth(let number, let weekday): month.nth(number, weekday)
        case .lastWeekday(let weekday): month.last(weekday)
        }
    }
}
