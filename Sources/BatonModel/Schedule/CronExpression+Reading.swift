extension CronExpression {
    /// In bytes.
    public static let longestText = 1024

    /// - Throws: `InvalidCron` with all that is wrong. An expression that can never fire is read; see `fires`.
    public init(_ text: String) throws(InvalidCron) {
        guard text.utf8.count <= Self.longestText else {
            throw InvalidCron(messages: ["is longer than \(Self.longestText) bytes"])
        }
        let parts = text.split(whereSeparator: \.isWhitespace)
        let written = parts.joined(separator: " ")
        var fields = parts.map { $0.uppercased() }
        if let first = fields.first, first.hasPrefix("@") {
            guard fields.count == 1, let meaning = Self.periods[first] else {
                throw InvalidCron(messages: ["'\(written)' is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually"])
            }
            fields = meaning.split(separator: " ").map(String.init)
        }
        if fields.count == 5 { fields.insert("0", at: 0) }
        guard fields.count == 6 else {
            throw InvalidCron(messages: [
                "'\(written)' has \(fields.count) fields instead of 5 (minute, hour, day of the month, month, day of the week) or 6 (the second before them)"
            ])
        }
        var reader = CronFieldReader()
        let seconds = reader.bits(fields[0], .second)
        let minutes = reader.bits(fields[1], .minute)
        let hours = reader.bits(fields[2], .hour)
        var days = CronDays()
        reader.days(fields[3], &days)
        days.months = reader.bits(fields[4], .month)
        reader.weekdays(fields[5], &days)
        guard reader.messages.isEmpty else { throw InvalidCron(messages: reader.messages) }
        let isOpen = { (field: String) in field.hasPrefix("*") || field.hasPrefix("?") }
        days.needsBoth = isOpen(fields[3]) || isOpen(fields[5])
        self.init(
            text: written, days: days, times: .fields(seconds: seconds, minutes: minutes, hours: hours),
            followsClock: isOpen(fields[1]) || isOpen(fields[2]))
    }

    private static let periods = [
        "@HOURLY": "0 * * * *", "@DAILY": "0 0 * * *", "@MIDNIGHT": "0 0 * * *", "@WEEKLY": "0 0 * * 0", "@MONTHLY": "0 0 1 * *",
        "@YEARLY": "0 0 1 1 *", "@ANNUALLY": "0 0 1 1 *",
    ]
}

/// Reads the fields of a cron expression, and collects what is wrong with them.
private struct CronFieldReader {
    enum Field: String {
        case second, minute, hour
        case day = "day of the month"
        case month
        case weekday = "day of the week"

        var range: ClosedRange<Int> {
            switch self {
            case .second, .minute: 0...59
            case .hour: 0...23
            case .day: 1...31
            case .month: 1...12
            case .weekday: 0...7
            }
        }

        /// The number of the first name is the range's first.
        var names: [String] {
            switch self {
            case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
            case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
            default: []
            }
        }
    }

    private(set) var messages: [String] = []

    private mutating func fail(_ field: Field, _ message: String) { messages.append("\(field.rawValue): \(message)") }

    mutating func bits(_ text: String, _ field: Field) -> UInt64 {
        items(text).reduce(0) { $0 | item($1, field) }
    }

    mutating func days(_ text: String, _ days: inout CronDays) {
        for item in items(text) {
            if item == "L" {
                days.isLast = true
            } else if item == "LW" || item == "WL" {
                days.isLastWorkday = true
            } else if item.last == "W" {
                if let day = number(item.dropLast(), .day) { days.workdays |= 1 << UInt64(day) }
            } else {
                days.days |= self.item(item, .day)
            }
        }
    }

    mutating func weekdays(_ text: String, _ days: inout CronDays) {
        for item in items(text) {
            let parts = item.split(separator: "#", omittingEmptySubsequences: false)
            if parts.count > 1 {
                guard let day = weekday(parts[0]) else { continue }
                if parts.count == 2, parts[1].utf8.count == 1, let count = Int(parts[1]), (1...5).contains(count) {
                    days.nthWeekdays.append(.nth(count, day))
                } else {
                    fail(.weekday, "'\(item)' must end in #1 to #5")
                }
            } else if item.last == "L" {
                if item.utf8.count == 1 {
                    fail(.weekday, "'L' needs a day before it, such as FRIL for the last Friday of the month")
                } else if let day = weekday(item.dropLast()) {
                    days.nthWeekdays.append(.lastWeekday(day))
                }
            } else {
                days.weekdays |= self.item(item, .weekday)
            }
        }
    }

    private func items(_ text: String) -> [Substring] { text.split(separator: ",", omittingEmptySubsequences: false) }

    /// One number, `*`, a range, and each of them with a step.
    private mutating func item(_ text: Substring, _ field: Field) -> UInt64 {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var range = field.range
        let isOpen = parts[0] == "*" || (parts[0] == "?" && (field == .day || field == .weekday))
        if isOpen {
            // Sunday once, so that steps count from Sunday to Saturday.
            if field == .weekday { range = 0...6 }
        } else {
            let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = number(ends[0], field) else { return 0 }
            guard var last = ends.count == 2 ? number(ends[1], field) : (parts.count == 2 ? field.range.upperBound : first)
            else { return 0 }
            if field == .weekday, ends.count == 2, last == 0, first > 0 { last = 7 }
            if field == .weekday, ends.count == 1, parts.count == 2 { last = 6 }
            guard first <= last else {
                fail(field, "'\(text)' ends before it begins: write the two parts as a list")
                return 0
            }
            range = first...last
        }
        var step = 1
        if parts.count == 2 {
            guard parts[1].utf8.count <= 4, let number = Int(parts[1]), number > 0, !parts[1].hasPrefix("+") else {
                fail(field, "'\(text)' needs a whole number above 0 as its step")
                return 0
            }
            guard number <= field.range.count else {
                fail(field, "'\(text)' has a step longer than the field: use 'every' for such a distance")
                return 0
            }
            step = number
        }
        return stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private mutating func weekday(_ text: Substring) -> Weekday? {
        guard let number = number(text, .weekday) else { return nil }
        return Weekday.allCases[(number + 6) % 7]
    }

    private mutating func number(_ text: Substring, _ field: Field) -> Int? {
        if let index = field.names.firstIndex(of: String(text)) { return field.range.lowerBound + index }
        let isNumber = (1...4).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
        guard isNumber, let number = Int(text), field.range.contains(number) else {
            let names = field.names.isEmpty ? "" : ", or one of \(field.names.joined(separator: ", "))"
            fail(field, "'\(text)' is not a number from \(field.range.lowerBound) to \(field.range.upperBound)\(names)")
            return nil
        }
        return number
    }
}
