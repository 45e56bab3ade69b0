extension Schedule {
    /// The first scheduled time after a given one; `nil` where the series is over by then.
    ///
    /// Counts from scheduled times, never from when something happened, so that nothing drifts. Takes microseconds, however far
    /// the two times are apart. `times` and `isPaused` are the business of `Series`.
    ///
    /// - Parameter anchor: the series' start, which is the first possible time, and for `every` the first.
    public func next(after time: Timestamp, anchor: Timestamp) -> Timestamp? {
        Timetable(self, anchor: anchor).next(after: time)
    }

    /// The first scheduled time of a series.
    public func first(anchor: Timestamp) -> Timestamp? {
        Timetable(self, anchor: anchor).first
    }
}

/// The times of one series.
struct Timetable {
    private let recurrence: Recurrence
    private let rule: CalendarRule?
    private let zone: ScheduleZone
    private let anchor: Timestamp
    private let until: Timestamp

    init(_ schedule: Schedule, anchor: Timestamp) {
        recurrence = schedule.recurrence
        rule = CalendarRule(schedule.recurrence)
        zone = schedule.timeZone
        // One behind the latest time stays there: the series has no times, rather than some before its start.
        self.anchor = max(anchor, Self.earliest)
        until = min(schedule.until ?? Self.latest, Self.latest)
    }

    /// The years 1 to 9999, which texts can name; a day from their ends, so that no time zone leads out of them.
    static let earliest = Timestamp(milliseconds: CivilDate(year: 1, month: 1, day: 2).daysSince1970.milliseconds)
    static let latest = Timestamp(milliseconds: CivilDate(year: 9999, month: 12, day: 31).daysSince1970.milliseconds)

    var first: Timestamp? { next(notBefore: anchor) }

    func next(after time: Timestamp) -> Timestamp? {
        guard time < Self.latest else { return nil }
        return next(notBefore: max(anchor, Timestamp(milliseconds: time.milliseconds + 1)))
    }

    /// The last scheduled time up to a given one, if any is after `earlier`. Halves the distance, so it takes a few dozen steps
    /// after a downtime of years.
    func last(after earlier: Timestamp?, upTo time: Timestamp) -> Timestamp? {
        guard let first = earlier.map({ next(after: $0) }) ?? first, first <= time else { return nil }
        var (low, high) = (first, min(time, until))
        while let next = next(after: low), next <= high {
            low = next
            let middle = Timestamp(milliseconds: low.milliseconds + (high.milliseconds - low.milliseconds) / 2)
            if let later = self.next(after: middle), later <= high { low = later } else { high = middle }
        }
        return low
    }

    /// How many scheduled times there are from one to another, both among them. Counts up to `limit` where arithmetic doesn't
    /// tell.
    func count(from first: Timestamp, to last: Timestamp, limit: Int) -> Int {
        if case .every(let interval) = recurrence {
            return Int((last.milliseconds - first.milliseconds) / max(interval.milliseconds, 1)) + 1
        }
        var count = 1
        var time = first
        while count < limit, let next = next(after: time), next <= last {
            count += 1
            time = next
        }
        return count
    }

    /// - Parameter time: not before the anchor.
    private func next(notBefore time: Timestamp) -> Timestamp? {
        guard time <= until else { return nil }
        let found: Timestamp?
        switch rule {
        case nil: found = nextOfInterval(notBefore: time)
        case let rule?:
            // Occurrences are on whole seconds: the last one that is before the time.
            let second = Int((time.milliseconds - 1)).flooredQuotient(1000)
            let instant = rule.followsClock ? byClock(rule, after: second) : fixed(rule, after: second)
            found = instant.map { Timestamp(milliseconds: Int64($0) * 1000) }
        }
        return found.flatMap { $0 <= until ? $0 : nil }
    }

    private func nextOfInterval(notBefore time: Timestamp) -> Timestamp? {
        guard case .every(let interval) = recurrence, interval.milliseconds > 0 else { return nil }
        let length = interval.milliseconds
        let passed = time.milliseconds - anchor.milliseconds
        let steps = passed / length + (passed % length > 0 ? 1 : 0)
        let (distance, overflow) = steps.multipliedReportingOverflow(by: length)
        return overflow ? nil : anchor + .milliseconds(distance)
    }

    /// Each of the rule's local times once: see `ScheduleZone.instant(of:)`.
    private func fixed(_ rule: CalendarRule, after instant: Int) -> Int? {
        var local = zone.firstLocal(after: instant)
        // Times that the clock was put past have all come at the change, which may be now.
        while let next = rule.next(from: local) {
            let found = zone.instant(of: next)
            if found > instant { return found }
            local = next + 1
        }
        return nil
    }

    private static let day = 86_400

    /// Each instant at which the clock shows one of the rule's times. Between two changes of the clock that is one search.
    private func byClock(_ rule: CalendarRule, after instant: Int) -> Int? {
        var from = instant + 1
        while true {
            let offset = zone.offset(at: from)
            guard let local = rule.next(from: from + offset) else { return nil }
            let found = local - offset
            guard let change = zone.change(after: from), change <= found else { return found }
            // What the clock shows until shortly before lies between the two local times, where the rule has none, even if it is
            // set back meanwhile.
            if change - from > 2 * Self.day, found - from > 4 * Self.day {
                from = found - 2 * Self.day
                continue
            }
            from = change
        }
    }
}

extension Int {
    /// Of days.
    fileprivate var milliseconds: Int64 { Int64(self) * 86_400_000 }
}
