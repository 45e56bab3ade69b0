/// A cron expression: five fields from the minute on, or six from the second on; the name of a period such as `@daily`.
///
/// Fields are lists, ranges and steps of numbers or names; days of the month know `L` (last), `LW` (last from Monday to Friday)
/// and `15W` (nearest to the 15th), days of the week `MON#2` and `FRIL`. Sunday is 0 and 7. Where both the day of the month and
/// the day of the week are given, either is enough, unless one of them begins with `*`: Paul Vixie's rule, see crontab(5).
///
/// Where hours and minutes are given without `*`, a time that the clock passes over comes at the change, and one that it shows
/// twice comes once. Where one of them begins with `*`, the expression follows the clock: it fires whenever the clock shows a
/// time that fits. So does the cron of most systems, see cron(8).
public struct CronExpression: Sendable, Hashable {
    /// As it was written, with single blanks.
    public let text: String
    let days: CronDays
    let times: DayTimes
    let followsClock: Bool

    init(text: String, days: CronDays, times: DayTimes, followsClock: Bool) {
        self.text = text
        self.days = days
        self.times = times
        self.followsClock = followsClock
    }

    /// Whether any year has a day that fits: `0 0 31 2 *` never fires.
    public var fires: Bool {
        CalendarRule(days: .cron(days), times: times, followsClock: followsClock).next(from: 0) != nil
    }

    public static func == (left: CronExpression, right: CronExpression) -> Bool { left.text == right.text }

    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// What is wrong with a cron expression: one text for each thing.
public struct InvalidCron: Error, Sendable, Hashable, CustomStringConvertible {
    public let messages: [String]

    public var description: String { messages.joined(separator: "; ") }
}

/// The days of a cron expression.
struct CronDays: Sendable, Hashable {
    /// Bits 1 to 12.
    var months: UInt64 = 0x1FFE
    /// Bits 1 to 31.
    var days: UInt64 = 0
    var workdays: UInt64 = 0
    var isLast = false
    var isLastWorkday = false
    /// Bits 0 (Sunday) to 7 (Sunday again).
    var weekdays: UInt64 = 0
    var nthWeekdays: [MonthDay] = []
    /// Whether a day has to fit both fields, instead of either.
    var needsBoth = true

    func days(in month: MonthDays) -> UInt32 {
        guard months & (1 << UInt64(month.month)) != 0 else { return 0 }
        var byDay = UInt32(truncatingIfNeeded: days)
        if isLast { byDay |= month.day(month.count) }
        if isLastWorkday { byDay |= month.lastWorkday }
        var left = workdays
        while left != 0 {
            byDay |= month.workday(nearest: left.trailingZeroBitCount)
            left &= left - 1
        }
        var byWeekday: UInt32 = 0
        for weekday in Weekday.allCases where weekdays & Self.bits(of: weekday) != 0 { byWeekday |= month.all(weekday) }
        for weekday in nthWeekdays { byWeekday |= weekday.days(in: month) }
        return (needsBoth ? byDay & byWeekday : byDay | byWeekday) & month.all
    }

    /// Cron's weeks begin, and end, on Sunday.
    private static func bits(of weekday: Weekday) -> UInt64 { weekday == .sunday ? 0b1000_0001 : 2 << UInt64(weekday.rawValue) }
}
