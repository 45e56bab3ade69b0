/// When a schedule comes round. All but `every` are times on the clock of the schedule's time zone.
public enum Recurrence: Sendable, Hashable {
    /// A fixed distance from the series' start on, whose first time is the start itself. Real time: a day is 24 hours, whatever
    /// clocks do. At least a second.
    case every(Duration)
    case cron(CronExpression)
    case daily(at: [TimeOfDay])
    case weekly(on: [Weekday], at: [TimeOfDay])
    case monthly(on: [MonthDay], at: [TimeOfDay])
    case yearly(on: [YearDay], at: [TimeOfDay])

    /// The kind, as the field of a document.
    public var name: String {
        switch self {
        case .every: "every"
        case .cron: "cron"
        case .daily: "daily"
        case .weekly: "weekly"
        case .monthly: "monthly"
        case .yearly: "yearly"
        }
    }

    public static let shortest = Duration.seconds(1)

    /// What keeps it from ever coming round, such as a cron expression for 31 February or an empty list.
    public var problem: String? {
        switch self {
        case .every(let interval):
            return interval.milliseconds < Self.shortest.milliseconds ? "'\(interval.text)' must be at least 1s" : nil
        case .cron(let cron):
            return cron.fires ? nil : "'\(cron.text)' never fires: no year has such a day"
        case .daily(let times): return times.isEmpty ? "needs a time" : nil
        case .weekly(let days, let times): return days.isEmpty || times.isEmpty ? "needs a day and a time" : nil
        case .monthly(let days, let times): return days.isEmpty || times.isEmpty ? "needs a day and a time" : nil
        case .yearly(let days, let times): return days.isEmpty || times.isEmpty ? "needs a day and a time" : nil
        }
    }

    /// Lists sorted and without repetitions, so that equal recurrences are equal values.
    var canonical: Recurrence {
        let sorted = { (times: [TimeOfDay]) in Set(times).sorted() }
        return switch self {
        case .every, .cron: self
        case .daily(let times): .daily(at: sorted(times))
        case .weekly(let days, let times): .weekly(on: Set(days).sorted(), at: sorted(times))
        case .monthly(let days, let times): .monthly(on: Set(days).sorted { $0.order < $1.order }, at: sorted(times))
        case .yearly(let days, let times): .yearly(on: Set(days).sorted(), at: sorted(times))
        }
    }
}
