/// The fields of a schedule document, read with the means of graph documents.
extension GraphReader {
    private static let scheduleFields = recurrences + [
        "name", "timeZone", "from", "until", "times", "missed", "overlap", "paused", "graph",
    ]
    private static let recurrences = ["every", "cron", "daily", "weekly", "monthly", "yearly"]

    init(scheduleWithin limits: Limits) {
        self.limits = limits
        self.checks = .none
        self.isChecked = false
        self.problems = ProblemList(limit: limits.reportedProblems)
    }

    /// - Returns: `nil` where this is no object, which has been reported. The graph is null where it is missing.
    mutating func schedule(_ json: inout JSONReader) throws(JSONError) -> Schedule? {
        guard try json.peek() == .object else {
            problems.add("", "the document must be an object with a name, a recurrence and a graph")
            try json.skipValue()
            return nil
        }
        var schedule = Schedule(name: Self.unread, recurrence: .every(Recurrence.shortest), graph: .null)
        var recurrence: Recurrence?
        let seen = try object("", &json, known: Self.scheduleFields) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "name":
                guard let text = try reader.string(place, &json) else { return true }
                schedule.name = text
                if !NameRule.allows(text) { reader.problems.add(place, "'\(Self.shown(text))' is not a name: \(NameRule.explanation)") }
            case _ where Self.recurrences.contains(name): recurrence = try reader.recurrence(name, place, &json)
            case "timeZone":
                guard let text = try reader.string(place, &json) else { return true }
                do throws(UnknownZone) { schedule.timeZone = try ScheduleZone(text) } catch { reader.problems.add(place, error.description) }
            case "from": schedule.from = try reader.time(place, &json)
            case "until": schedule.until = try reader.time(place, &json)
            case "times": schedule.times = try reader.integer(place, &json, from: 1, to: 1_000_000_000)
            case "missed": schedule.missed = try reader.choice(place, &json, Schedule.MissedPolicy.self) ?? .once
            case "overlap": schedule.overlap = try reader.choice(place, &json, Schedule.OverlapPolicy.self) ?? .skip
            case "paused": schedule.isPaused = try reader.bool(place, &json) ?? false
            case "graph":
                guard try json.peek() == .object else {
                    try reader.wrongType(place, "an object with a name and tasks", &json)
                    return true
                }
                schedule.graph = try json.readRaw()
            default: return false
            }
            return true
        } ?? []
        if let recurrence { schedule.recurrence = recurrence.canonical }
        finish(schedule, seen, isRead: recurrence != nil)
        return schedule
    }

    /// What only the fields together show.
    private mutating func finish(_ schedule: Schedule, _ seen: Set<String>, isRead: Bool) {
        if !seen.contains("name") { problems.add("name", "is missing: a schedule needs a name of \(NameRule.explanation)") }
        if !seen.contains("graph") { problems.add("graph", "is missing: a schedule needs a graph to run") }
        let kinds = Self.recurrences.filter(seen.contains)
        if kinds.isEmpty {
            problems.add("", "says nothing about when: give one of \(Self.recurrences.joined(separator: ", "))")
        }
        for kind in kinds.dropFirst() { problems.add(kind, "can't stand beside '\(kinds[0])': give one of them") }
        if let from = schedule.from, let until = schedule.until {
            if until < from {
                problems.add("until", "is before 'from'")
            } else if problems.isEmpty, isRead, schedule.first(anchor: from) == nil {
                problems.add("until", "leaves no time for an occurrence after 'from'")
            }
        } else if let from = schedule.from, problems.isEmpty, isRead, schedule.first(anchor: from) == nil {
            problems.add("from", "leaves no time for an occurrence")
        }
    }

    private mutating func recurrence(_ name: String, _ path: String, _ json: inout JSONReader) throws(JSONError) -> Recurrence? {
        let earlier = problems.count
        let recurrence: Recurrence?
        switch name {
        case "every": recurrence = try duration(path, &json).map { .every($0) }
        case "cron": recurrence = try cron(path, &json)
        default: recurrence = try calendar(name, path, &json)
        }
        guard problems.count == earlier, let recurrence else { return nil }
        if let problem = recurrence.problem {
            problems.add(path, problem)
            return nil
        }
        return recurrence
    }

    private mutating func cron(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Recurrence? {
        guard let text = try string(path, &json) else { return nil }
        do throws(InvalidCron) {
            return .cron(try CronExpression(text))
        } catch {
            for message in error.messages.prefix(20) { problems.add(path, message) }
            return nil
        }
    }

    /// An object with the times `at`, and for all but `daily` the days `on`.
    private mutating func calendar(_ kind: String, _ path: String, _ json: inout JSONReader) throws(JSONError) -> Recurrence? {
        var times: [TimeOfDay] = []
        var weekdays: [Weekday] = []
        var monthDays: [MonthDay] = []
        var yearDays: [YearDay] = []
        let needed = kind == "daily" ? ["at"] : ["on", "at"]
        let seen = try object(path, &json, known: needed) { (reader, name, place, json) throws(JSONError) in
            guard needed.contains(name) else { return false }
            try reader.entries(place, &json) { (reader, place, text) in
                switch (name, kind) {
                case ("at", _): reader.take(text, place, &times, TimeOfDay.init(text:), TimeOfDay.explanation)
                case (_, "weekly"): reader.take(text, place, &weekdays, Weekday.init(text:), Weekday.explanation)
                case (_, "monthly"): reader.take(text, place, &monthDays, MonthDay.init(text:), MonthDay.explanation)
                default:
                    if let day = YearDay.numbers(text), (1...12).contains(day.month), day.day > 0, YearDay(text: text) == nil {
                        reader.problems.add(place, "'\(text)' never comes: month \(day.month) has no day \(day.day) in any year")
                    } else {
                        reader.take(text, place, &yearDays, YearDay.init(text:), "a day of the year such as 12-24, the month first")
                    }
                }
            }
            return true
        }
        guard let seen else { return nil }
        for field in needed where !seen.contains(field) { problems.add("\(path).\(field)", "is missing") }
        return switch kind {
        case "daily": .daily(at: times)
        case "weekly": .weekly(on: weekdays, at: times)
        case "monthly": .monthly(on: monthDays, at: times)
        default: .yearly(on: yearDays, at: times)
        }
    }

    private mutating func take<Value>(
        _ text: String, _ path: String, _ list: inout [Value], _ read: (String) -> Value?, _ explanation: String
    ) {
        if let value = read(text) { list.append(value) } else { problems.add(path, "'\(Self.shown(text))' is not \(explanation)") }
    }

    /// A text or whole number, or a list of them.
    private mutating func entries(
        _ path: String, _ json: inout JSONReader, _ take: (inout GraphReader, _ place: String, _ text: String) -> Void
    ) throws(JSONError) {
        guard try json.peek() == .array else { return try entry(path, &json, take) }
        var count = 0
        try json.readArray { (json) throws(JSONError) in
            if count < ScheduleReader.longestList { try entry("\(path)[\(count)]", &json, take) } else { try json.skipValue() }
            count += 1
        }
        if count == 0 { problems.add(path, "must not be empty") }
        if count > ScheduleReader.longestList {
            problems.add(path, "has \(count) entries, but at most \(ScheduleReader.longestList) are allowed")
        }
    }

    private mutating func entry(
        _ path: String, _ json: inout JSONReader, _ take: (inout GraphReader, _ place: String, _ text: String) -> Void
    ) throws(JSONError) {
        switch try json.peek() {
        case .string: take(&self, path, try json.readString())
        case .number: take(&self, path, try json.readNumberText())
        default: try wrongType(path, "a text", &json)
        }
    }

    private mutating func time(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Timestamp? {
        guard let text = try string(path, &json) else { return nil }
        if let time = Timestamp(text) { return time }
        problems.add(path, "'\(Self.shown(text))' is not a time such as 2026-12-01T08:00:00Z")
        return nil
    }

    /// Enough of a text to find it by.
    private static func shown(_ text: String) -> String { text.utf8.count <= 64 ? text : String(text.prefix(64)) + "…" }
}
