/// The local times that a recurrence names, whatever the time zone makes of them.
struct CalendarRule: Sendable {
    enum Days: Sendable, Hashable {
        case all
        case weekly([Weekday])
        case monthly([MonthDay])
        case yearly([YearDay])
        case cron(CronDays)
    }

    let days: Days
    let times: DayTimes
    /// Whether it fires by the clock through a change of it, as often as the clock shows its times; else once for each.
    let followsClock: Bool

    /// - Returns: `nil` for `every`, which isn't bound to a clock.
    init?(_ recurrence: Recurrence) {
        switch recurrence {
        case .every: return nil
        case .cron(let cron):
            self.init(days: .cron(cron.days), times: cron.times, followsClock: cron.followsClock)
        case .daily(let times): self.init(days: .all, times: DayTimes(times), followsClock: false)
        case .weekly(let days, let times): self.init(days: .weekly(days), times: DayTimes(times), followsClock: false)
        case .monthly(let days, let times): self.init(days: .monthly(days), times: DayTimes(times), followsClock: false)
        case .yearly(let days, let times): self.init(days: .yearly(days), times: DayTimes(times), followsClock: false)
        }
    }

    init(days: Days, times: DayTimes, followsClock: Bool) {
        self.days = days
        self.times = times
        self.followsClock = followsClock
    }

    /// The calendar repeats itself, with its weekdays, after 400 years: what isn't found in them is never found.
    private static let months = 400 * 12

    /// The first of its times that is not before this one; `nil` where there is none up to the year 9999.
    ///
    /// - Parameter local: seconds since 1970-01-01T00:00 on the local clock.
    func next(from local: Int) -> Int? {
        guard let first = times.next(from: 0) else { return nil }
        let today = local.flooredQuotient(86_400)
        let start = CivilDate(daysSince1970: today)
        var (year, month) = (start.year, start.month)
        var mask = UInt32.max << UInt32(start.day)
        for _ in 0...Self.months {
            guard year <= CivilDate.lastYear else { return nil }
            var left = matching(MonthDays(year: year, month: month)) & mask
            while left != 0 {
                let day = CivilDate(year: year, month: month, day: left.trailingZeroBitCount).daysSince1970
                if day > today { return day * 86_400 + first }
                if let second = times.next(from: local - today * 86_400) { return day * 86_400 + second }
                left &= left - 1
            }
            mask = .max
            month += 1
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        return nil
    }

    private func matching(_ month: MonthDays) -> UInt32 {
        switch days {
        case .all: month.all
        case .weekly(let list): list.reduce(0) { $0 | month.all($1) }
        case .monthly(let list): list.reduce(0) { $0 | $1.days(in: month) }
        case .yearly(let list): list.reduce(0) { $0 | $1.days(in: month) }
        case .cron(let days): days.days(in: month)
        }
    }
}

/// The times of a day at which something happens, in seconds since midnight.
enum DayTimes: Sendable, Hashable {
    /// Sorted.
    case list([Int])
    /// Each second of each minute of each hour whose bit is set.
    case fields(seconds: UInt64, minutes: UInt64, hours: UInt64)

    init(_ times: [TimeOfDay]) { self = .list(times.map(\.secondOfDay).sorted()) }

    /// The first that is not before this one.
    func next(from second: Int) -> Int? {
        switch self {
        case .list(let list): return list.first { $0 >= second }
        case .fields(let seconds, let minutes, let hours):
            let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60)
            guard let firstMinute = Self.bit(minutes, from: 0), let firstSecond = Self.bit(seconds, from: 0) else { return nil }
            if hours & (1 << UInt64(hour)) != 0 {
                if minutes & (1 << UInt64(minute)) != 0, let found = Self.bit(seconds, from: second) {
                    return hour * 3600 + minute * 60 + found
                }
                if let found = Self.bit(minutes, from: minute + 1) { return hour * 3600 + found * 60 + firstSecond }
            }
            return Self.bit(hours, from: hour + 1).map { $0 * 3600 + firstMinute * 60 + firstSecond }
        }
    }

    private static func bit(_ bits: UInt64, from index: Int) -> Int? {
        let left = bits & (UInt64.max << UInt64(index))
        return left == 0 ? nil : left.trailingZeroBitCount
    }
}
