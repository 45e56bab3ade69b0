import BatonEngine
import BatonModel

extension FuzzTarget {
    static let schedule = FuzzTarget("schedule", "schedule documents: read, written, and their next times", tokens: Tokens.schedule) { bytes in
        do {
            let schedule = try ScheduleReader.read(document: bytes, limits: limits, checks: .standard)
            let document = schedule.document
            let again = try succeeds("a schedule's own document is refused") {
                try ScheduleReader.read(json: document.bytes, limits: limits, checks: .standard)
            }
            try expectEqual(again.document, document, "a schedule's document changes when it is read")
            try expectEqual(again, schedule, "a schedule changes when its document is read")
            for instant in instants { try checkTimes(of: schedule, from: instant) }
            try checkSeries(schedule)
        } catch let error as InvalidSchedule {
            try check(InvalidGraph(problems: error.problems))
        }
    }

    /// An expression, a time zone, and milliseconds since 1970, each on a line of its own.
    static let cron = FuzzTarget("cron", "cron expressions and their next times in a time zone", tokens: Tokens.cron, longest: 512) { bytes in
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        let expression: CronExpression
        do throws(InvalidCron) {
            expression = try CronExpression(lines.first ?? "")
        } catch {
            try expect(!error.messages.isEmpty && error.messages.allSatisfy { !$0.isEmpty }, "refused without a reason")
            return
        }
        let again = try succeeds("a cron expression's own text is refused") { try CronExpression(expression.text) }
        try expectEqual(again.text, expression.text, "a cron expression's text changes when it is read")
        var schedule = Schedule(name: "s", recurrence: .cron(expression), graph: .emptyObject)
        if lines.count > 1, let zone = try? ScheduleZone(lines[1]) { schedule.timeZone = zone }
        let own = lines.count > 2 ? Int64(lines[2]).map { [Timestamp(milliseconds: $0)] } ?? [] : []
        for instant in own + instants {
            try checkTimes(of: schedule, from: instant)
            try expect(expression.fires || schedule.first(anchor: instant) == nil, "it never fires, but has a time after \(instant)")
        }
        try expect(!expression.fires || schedule.first(anchor: Timestamp(milliseconds: 0)) != nil, "it fires, but has no time after 1970")
    }

    /// Before, at and after changes of clocks, and the ends of time.
    private static let instants = [
        Timestamp(milliseconds: 0), Timestamp(milliseconds: 1_774_745_999_999), Timestamp(milliseconds: 1_792_890_000_000), Timestamp(milliseconds: .min),
        Timestamp(milliseconds: -62_135_596_800_000), Timestamp(milliseconds: 253_402_300_000_000), Timestamp(milliseconds: .max),
    ]

    private static func checkTimes(of schedule: Schedule, from instant: Timestamp) throws(Finding) {
        let anchor = schedule.from ?? instant
        var time = instant
        if let first = schedule.first(anchor: anchor) {
            try expect(anchor.milliseconds < -62_135_596_800_000 || first >= anchor, "the first time \(first) is before the series' start \(anchor)")
        }
        for _ in 0..<4 {
            guard let next = schedule.next(after: time, anchor: anchor) else { return }
            try expect(next > time, "the next time after \(time) is \(next)")
            try expect(next <= schedule.until ?? next, "the next time \(next) is after the end")
            if next.milliseconds - 1 > time.milliseconds {
                let same = schedule.next(after: Timestamp(milliseconds: next.milliseconds - 1), anchor: anchor)
                try expectEqual(same, next, "the next time depends on from where it is looked for: \(time)")
            }
            time = next
        }
    }

    /// A coordinator that looks in now and then, once after years.
    private static func checkSeries(_ schedule: Schedule) throws(Finding) {
        var now = Timestamp(milliseconds: 1_764_000_000_000)
        var series = Series(schedule, startingAt: now)
        var latest = 0
        for (index, pause) in [1, 61_000, 3_600_000, 86_400_000, 315_360_000_000, 1000].enumerated() {
            now = now + .milliseconds(pause)
            if let next = series.next, index % 2 == 0 { now = min(max(now, next), now + .seconds(400 * 86_400)) }
            for occurrence in series.due(now: now, isRunning: index % 3 == 0) {
                try expect(occurrence.number == latest + 1, "occurrence \(occurrence.number) follows \(latest)")
                try expect(occurrence.scheduled <= now, "an occurrence starts before its time")
                latest = occurrence.number
            }
            if let next = series.next { try expect(next > now, "after deciding, \(next) is still due at \(now)") }
            if let times = schedule.times { try expect(series.startedCount <= times, "more than \(times) runs") }
        }
    }
}
