import Testing

@testable import BatonModel

/// Schedules from the fields of their documents, and what comes of them.
enum Schedules {
    static let graph = #"{"name":"g","tasks":[{"id":"a","handler":"h"}]}"#

    static func make(_ fields: String, from: String? = nil, zone: String? = nil) throws -> Schedule {
        let extra = (from.map { #","from":"\#($0)""# } ?? "") + (zone.map { #","timeZone":"\#($0)""# } ?? "")
        return try ScheduleReader.read(json: Array(#"{"name":"s",\#(fields)\#(extra),"graph":\#(graph)}"#.utf8))
    }

    static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text.count == 16 ? text + ":00Z" : text)) }

    /// The first times of a series, as far as the minute where they are on one.
    static func times(_ fields: String, from: String, zone: String? = nil, count: Int = 3) throws -> [String] {
        let schedule = try make(fields, zone: zone)
        let anchor = try time(from)
        var times: [String] = []
        var next = schedule.first(anchor: anchor)
        while times.count < count, let time = next {
            times.append(text(time))
            next = schedule.next(after: time, anchor: anchor)
        }
        return times
    }

    static func text(_ time: Timestamp) -> String {
        let text = time.description
        if text.hasSuffix(":00.000Z") { return String(text.prefix(16)) }
        return text.hasSuffix(".000Z") ? String(text.prefix(19)) : text
    }
}

@Suite("When schedules come round", .timeLimit(.minutes(1)))
struct ScheduleRecurrenceTests {
    @Test("G2: an interval counts from the start, which is its first time")
    func interval() throws {
        #expect(
            try Schedules.times(#""every":"15m""#, from: "2026-12-01T08:07") == ["2026-12-01T08:07", "2026-12-01T08:22", "2026-12-01T08:37"])
        #expect(try Schedules.times(#""every":"1500ms""#, from: "2026-12-01T08:00:00.250Z", count: 2) == [
            "2026-12-01T08:00:00.250Z", "2026-12-01T08:00:01.750Z",
        ])
    }

    @Test("G2: an interval never drifts, however late and however irregularly it is asked")
    func noDrift() throws {
        let schedule = try Schedules.make(#""every":"7s""#)
        let anchor = try Schedules.time("2026-12-01T08:00")
        var numbers = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let passed = Int64.random(in: 0...10_000_000_000, using: &numbers)
            let next = try #require(schedule.next(after: anchor + .milliseconds(passed), anchor: anchor))
            #expect((next.milliseconds - anchor.milliseconds) % 7000 == 0)
            #expect(next.milliseconds - anchor.milliseconds - passed > 0)
            #expect(next.milliseconds - anchor.milliseconds - passed <= 7000)
        }
    }

    @Test("G2: an interval of a day is 24 hours, whatever clocks do")
    func intervalAcrossChange() throws {
        #expect(
            try Schedules.times(#""every":"1d""#, from: "2026-03-28T07:00", zone: "Europe/Berlin")
                == ["2026-03-28T07:00", "2026-03-29T07:00", "2026-03-30T07:00"])
    }

    @Test("G2: cron with five fields begins with the minute, with six with the second")
    func cron() throws {
        #expect(try Schedules.times(#""cron":"30 2 * * MON-FRI""#, from: "2026-11-20T03:00") == [
            "2026-11-23T02:30", "2026-11-24T02:30", "2026-11-25T02:30",
        ])
        #expect(try Schedules.times(#""cron":"20 30 2 * * 1""#, from: "2026-11-20T03:00", count: 2) == [
            "2026-11-23T02:30:20", "2026-11-30T02:30:20",
        ])
    }

    @Test("G2: daily at several times, in their order")
    func daily() throws {
        #expect(try Schedules.times(#""daily":{"at":["17:30","08:00","08:00"]}"#, from: "2026-12-01T08:00") == [
            "2026-12-01T08:00", "2026-12-01T17:30", "2026-12-02T08:00",
        ])
        #expect(try Schedules.times(#""daily":{"at":"23:59:59"}"#, from: "2026-12-31T23:59:59.500Z", count: 1) == ["2027-01-01T23:59:59"])
    }

    @Test("G2: weekly on the days that are named")
    func weekly() throws {
        #expect(try Schedules.times(#""weekly":{"on":["fri","Monday"],"at":"09:00"}"#, from: "2026-12-01T00:00", count: 4) == [
            "2026-12-04T09:00", "2026-12-07T09:00", "2026-12-11T09:00", "2026-12-14T09:00",
        ])
    }

    @Test("G2: monthly on 31 runs on the last day of shorter months")
    func monthly31() throws {
        #expect(try Schedules.times(#""monthly":{"on":[31],"at":"06:00"}"#, from: "2028-01-01T00:00", count: 5) == [
            "2028-01-31T06:00", "2028-02-29T06:00", "2028-03-31T06:00", "2028-04-30T06:00", "2028-05-31T06:00",
        ])
    }

    @Test("G2: monthly on 29, 30, 31 and last is one day of a February of 28 days")
    func monthlyTogether() throws {
        #expect(try Schedules.times(#""monthly":{"on":[29,30,31,"last"],"at":"06:00"}"#, from: "2027-02-01T00:00", count: 4) == [
            "2027-02-28T06:00", "2027-03-29T06:00", "2027-03-30T06:00", "2027-03-31T06:00",
        ])
    }

    @Test("G2: monthly on the first Monday, the fifth Friday and the last one")
    func monthlyWeekdays() throws {
        #expect(try Schedules.times(#""monthly":{"on":"mon#1","at":"06:00"}"#, from: "2026-11-03T00:00", count: 2) == [
            "2026-12-07T06:00", "2027-01-04T06:00",
        ])
        #expect(try Schedules.times(#""monthly":{"on":["fri#5"],"at":"06:00"}"#, from: "2026-11-01T00:00", count: 2) == [
            "2027-01-29T06:00", "2027-04-30T06:00",
        ])
        #expect(try Schedules.times(#""monthly":{"on":["fri#last"],"at":"06:00"}"#, from: "2026-11-01T00:00", count: 3) == [
            "2026-11-27T06:00", "2026-12-25T06:00", "2027-01-29T06:00",
        ])
    }

    @Test("G2: yearly on 29 February runs on the 28th in other years")
    func yearly() throws {
        #expect(try Schedules.times(#""yearly":{"on":["12-24","02-29"],"at":"06:00"}"#, from: "2026-12-01T00:00", count: 5) == [
            "2026-12-24T06:00", "2027-02-28T06:00", "2027-12-24T06:00", "2028-02-29T06:00", "2028-12-24T06:00",
        ])
    }

    @Test("G2: nothing comes before the start, and what is at the start comes")
    func from() throws {
        let schedule = try Schedules.make(#""daily":{"at":"08:00"}"#)
        let anchor = try Schedules.time("2026-12-01T08:00")
        let early = try Schedules.time("2020-01-01T00:00")
        #expect(schedule.next(after: early, anchor: anchor) == anchor)
        #expect(schedule.next(after: Timestamp(milliseconds: .min), anchor: anchor) == anchor)
        #expect(schedule.first(anchor: anchor + .milliseconds(1)) == anchor + .seconds(86_400))
    }

    @Test("G2: the time given with 'until' is the last that can come")
    func until() throws {
        #expect(try Schedules.times(#""daily":{"at":"08:00"},"until":"2026-12-02T08:00:00Z""#, from: "2026-12-01T00:00") == [
            "2026-12-01T08:00", "2026-12-02T08:00",
        ])
        #expect(try Schedules.times(#""every":"1h","until":"2026-12-01T09:59:59.999Z""#, from: "2026-12-01T08:00") == [
            "2026-12-01T08:00", "2026-12-01T09:00",
        ])
        #expect(try Schedules.times(#""daily":{"at":"08:00"},"until":"2026-12-01T08:00:00Z""#, from: "2026-12-01T08:00") == ["2026-12-01T08:00"])
    }

    @Test("G2: times of day are those of the time zone, without a zone those of UTC")
    func zones() throws {
        for (zone, expected) in [
            (nil, "2026-07-01T08:00"), ("UTC", "2026-07-01T08:00"), ("Europe/Berlin", "2026-07-01T06:00"), ("Asia/Kolkata", "2026-07-01T02:30"),
            ("America/New_York", "2026-07-01T12:00"), ("Pacific/Auckland", "2026-07-01T20:00"), ("Asia/Kathmandu", "2026-07-01T02:15"),
        ] as [(String?, String)] {
            #expect(try Schedules.times(#""daily":{"at":"08:00"}"#, from: "2026-07-01T00:00", zone: zone, count: 1) == [expected])
        }
    }

    @Test("the end of the calendar ends a series instead of overflowing")
    func ends() throws {
        for fields in [#""every":"3650d""#, #""daily":{"at":"08:00"}"#, #""cron":"* * * * *""#, #""cron":"0 0 29 2 */7""#] {
            for zone in ["UTC", "Pacific/Kiritimati", "America/New_York"] {
                let schedule = try Schedules.make(fields, zone: zone)
                for time in [Int64.max, Int64.max - 1, 253_402_300_799_999, 253_402_200_000_000] as [Int64] {
                    let time = Timestamp(milliseconds: time)
                    #expect((schedule.next(after: time, anchor: time) ?? Timetable.latest) <= Timetable.latest)
                }
                let first = try #require(schedule.first(anchor: Timestamp(milliseconds: .min)))
                #expect(try #require(schedule.next(after: first, anchor: Timestamp(milliseconds: .min))) > first)
            }
        }
    }

    @Test("a series that begins behind the last time that can be written has none")
    func behindTheEnd() throws {
        let end = try #require(Timestamp("9999-12-31T00:00:00Z"))
        for recurrence in [Recurrence.every(.seconds(60)), .cron(try CronExpression("* * * * *")), .daily(at: [try #require(TimeOfDay(text: "00:00"))])] {
            let schedule = Schedule(name: "s", recurrence: recurrence, graph: .emptyObject)
            #expect(schedule.first(anchor: end) == end)
            for later in [end + .milliseconds(1), end + .seconds(60), Timestamp(milliseconds: .max)] {
                #expect(schedule.first(anchor: later) == nil)
                #expect(schedule.next(after: later, anchor: later) == nil)
                #expect(schedule.next(after: Timestamp(milliseconds: 0), anchor: later) == nil)
            }
        }
    }
}

@Suite("Days of the calendar", .timeLimit(.minutes(1)))
struct ScheduleCalendarTests {
    @Test("each day of 800 years is the one after the day before")
    func days() {
        var date = CivilDate(year: 1599, month: 12, day: 31)
        var weekday = date.weekday
        for days in (date.daysSince1970 + 1)..<(date.daysSince1970 + 292_194) {
            let next = CivilDate(daysSince1970: days)
            let isNextMonth = date.day == CivilDate.days(inMonth: date.month, of: date.year)
            let month = isNextMonth ? date.month % 12 + 1 : date.month
            guard next.daysSince1970 == days, next.day == (isNextMonth ? 1 : date.day + 1), next.month == month,
                next.year == date.year + (isNextMonth && month == 1 ? 1 : 0), next.weekday.rawValue == (weekday.rawValue + 1) % 7
            else {
                Issue.record("\(next) after \(date)")
                return
            }
            (date, weekday) = (next, next.weekday)
        }
        #expect(CivilDate(year: 2026, month: 11, day: 21).weekday == .saturday)
        #expect(CivilDate(daysSince1970: 0) == CivilDate(year: 1970, month: 1, day: 1))
        #expect(Timestamp(milliseconds: Int64(CivilDate(year: 1, month: 2, day: 3).daysSince1970) * 86_400_000).description.hasPrefix("0001-02-03"))
    }
}
