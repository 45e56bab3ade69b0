import Foundation
import Testing

@testable import BatonModel

@Suite("Schedules against a scan of each minute", .timeLimit(.minutes(1)))
struct SchedulePropertyTests {
    /// A field as text and as the numbers it stands for.
    private struct Field {
        var text: String
        var numbers: Set<Int>

        init(_ range: ClosedRange<Int>, using numbers: inout SeededGenerator) {
            switch Int.random(in: 0..<6, using: &numbers) {
            case 0, 1: (text, self.numbers) = ("*", Set(range))
            case 2:
                let step = Int.random(in: 1...(range.count / 2), using: &numbers)
                (text, self.numbers) = ("*/\(step)", Set(stride(from: range.lowerBound, through: range.upperBound, by: step)))
            case 3:
                let low = Int.random(in: range, using: &numbers)
                let high = Int.random(in: low...range.upperBound, using: &numbers)
                (text, self.numbers) = ("\(low)-\(high)", Set(low...high))
            default:
                let list = (0..<Int.random(in: 1...4, using: &numbers)).map { _ in Int.random(in: range, using: &numbers) }
                (text, self.numbers) = (list.map(String.init).joined(separator: ","), Set(list))
            }
        }
    }

    /// By Foundation's calendar in UTC, so with another arithmetic than the schedules'.
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? calendar.timeZone
        return calendar
    }()

    @Test("G2: the times are those of a scan over each minute, strictly increasing, in zones whose clocks change", arguments: [
        ("Europe/Berlin", "2026-03-27T12:00"), ("Europe/Berlin", "2026-10-23T12:00"), ("America/New_York", "2026-03-06T12:00"),
        ("America/New_York", "2026-10-30T12:00"), ("Australia/Lord_Howe", "2026-04-03T06:00"), ("Australia/Lord_Howe", "2026-10-02T06:00"),
        ("Asia/Kolkata", "2026-02-27T12:00"), ("UTC", "2028-02-27T12:00"),
    ])
    func scan(zone: String, from: String) throws {
        let start = Int(try Schedules.time(from).milliseconds / 60_000)
        let minutes = 4 * 1440
        let timeZone = try #require(TimeZone(identifier: zone))
        // Each minute's local minute, and the fields of all local minutes there are.
        let locals = (0..<minutes).map { index in
            start + index + timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(start + index) * 60)) / 60
        }
        let low = try #require(locals.min()) - 1
        let parts = (low...(try #require(locals.max()))).map { local in
            Self.calendar.dateComponents([.minute, .hour, .day, .month, .weekday], from: Date(timeIntervalSince1970: Double(local) * 60))
        }
        var numbers = SeededGenerator(seed: UInt64(start))
        for _ in 0..<60 {
            let minute = Field(0...59, using: &numbers), hour = Field(0...23, using: &numbers)
            let day = Field(1...31, using: &numbers), month = Field(1...12, using: &numbers), weekday = Field(0...6, using: &numbers)
            let text = [minute, hour, day, month, weekday].map(\.text).joined(separator: " ")
            let cron = try CronExpression(text)
            guard cron.fires else { continue }
            let needsBoth = day.text.hasPrefix("*") || weekday.text.hasPrefix("*")
            let fits = parts.map { part in
                let byDay = day.numbers.contains(part.day ?? 0), byWeekday = weekday.numbers.contains((part.weekday ?? 0) - 1)
                return minute.numbers.contains(part.minute ?? -1) && hour.numbers.contains(part.hour ?? -1) && month.numbers.contains(part.month ?? 0)
                    && (needsBoth ? byDay && byWeekday : byDay || byWeekday)
            }
            let followsClock = minute.text.hasPrefix("*") || hour.text.hasPrefix("*")
            var expected: [Int] = []
            var shown = locals[0] - 1
            for (index, local) in locals.enumerated() {
                if followsClock {
                    if fits[local - low] { expected.append(start + index) }
                } else if local > shown {
                    if ((shown + 1)...local).contains(where: { fits[$0 - low] }) { expected.append(start + index) }
                    shown = local
                }
            }
            let schedule = Schedule(name: "s", recurrence: .cron(cron), graph: .null, timeZone: try ScheduleZone(zone))
            let anchor = Timestamp(milliseconds: Int64(start) * 60_000)
            let end = Timestamp(milliseconds: Int64(start + minutes) * 60_000)
            var found: [Int] = []
            var next = schedule.first(anchor: anchor)
            while let time = next, time < end {
                #expect(time.milliseconds % 60_000 == 0)
                found.append(Int(time.milliseconds / 60_000))
                next = schedule.next(after: time, anchor: anchor)
                if let next { #expect(next > time) }
            }
            #expect(found == expected, "\(text) in \(zone)")
            let timetable = Timetable(schedule, anchor: anchor)
            for _ in 0..<5 {
                let now = Int.random(in: start..<(start + minutes), using: &numbers)
                let last = timetable.last(after: nil, upTo: Timestamp(milliseconds: Int64(now) * 60_000))
                #expect(last.map { Int($0.milliseconds / 60_000) } == expected.last { $0 <= now }, "\(text) in \(zone)")
            }
        }
    }

    @Test("finding the next time takes less than a millisecond, also for rare days and far from the last one")
    func cost() throws {
        for fields in [
            #""cron":"0 0 29 2 */7""#, #""cron":"* * 29 2 */7""#, #""cron":"* * * * * *""#, #""cron":"0-59 0-59 0-23 * * *""#, #""every":"1s""#,
            #""yearly":{"on":"02-29","at":"02:30"}"#, #""monthly":{"on":["mon#5"],"at":"02:30"}"#,
        ] {
            let schedule = try Schedules.make(fields, zone: "Europe/Berlin")
            let anchor = try Schedules.time("1990-01-01T00:00")
            var numbers = SeededGenerator(seed: 1)
            let spent = try ContinuousClock().measure {
                for _ in 0..<500 {
                    let time = anchor + .seconds(Int64.random(in: 0...4_000_000_000, using: &numbers))
                    _ = try #require(schedule.next(after: time, anchor: anchor))
                }
            }
            // Ten times what is promised, for builds without optimisation on busy machines.
            #expect(spent < .seconds(5), "\(fields)")
        }
    }
}
