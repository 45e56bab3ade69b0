import Testing

@testable import BatonModel

/// Berlin: 2026-03-29 02:00 → 03:00 (01:00 UTC), 2026-10-25 03:00 → 02:00 (01:00 UTC).
/// New York: 2026-03-08 02:00 → 03:00 (07:00 UTC), 2026-11-01 02:00 → 01:00 (06:00 UTC).
/// Lord Howe: 2026-04-05 02:00 → 01:30 (15:00 UTC of the 4th), 2026-10-04 02:00 → 02:30 (15:30 UTC of the 3rd).
@Suite("Schedules where clocks change", .timeLimit(.minutes(1)))
struct ScheduleDaylightTests {
    @Test("G2: a time of day that the clock passes over comes once, at the change")
    func gap() throws {
        #expect(try Schedules.times(#""daily":{"at":"02:30"}"#, from: "2026-03-28T00:00", zone: "Europe/Berlin") == [
            "2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30",
        ])
        #expect(try Schedules.times(#""daily":{"at":["02:15","02:45","03:00","03:30"]}"#, from: "2026-03-29T00:00", zone: "Europe/Berlin") == [
            "2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:15",
        ])
        #expect(try Schedules.times(#""cron":"30 2 * * *""#, from: "2026-03-08T00:00", zone: "America/New_York", count: 2) == [
            "2026-03-08T07:00", "2026-03-09T06:30",
        ])
        #expect(try Schedules.times(#""weekly":{"on":"sun","at":"02:10"}"#, from: "2026-10-02T00:00", zone: "Australia/Lord_Howe", count: 2) == [
            "2026-10-03T15:30", "2026-10-10T15:10",
        ])
    }

    @Test("G2: a time of day that the clock shows twice comes once, the first time")
    func overlap() throws {
        #expect(try Schedules.times(#""daily":{"at":"02:30"}"#, from: "2026-10-24T00:00", zone: "Europe/Berlin") == [
            "2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30",
        ])
        #expect(try Schedules.times(#""cron":"30 1 * * *""#, from: "2026-11-01T00:00", zone: "America/New_York", count: 2) == [
            "2026-11-01T05:30", "2026-11-02T06:30",
        ])
        #expect(try Schedules.times(#""daily":{"at":["01:29","01:30","01:59","02:00"]}"#, from: "2026-04-04T14:00", zone: "Australia/Lord_Howe", count: 5) == [
            "2026-04-04T14:29", "2026-04-04T14:30", "2026-04-04T14:59", "2026-04-04T15:30", "2026-04-05T14:59",
        ])
    }

    @Test("a series that begins in the hour's second turn waits for the next day")
    func beginsInSecondTurn() throws {
        #expect(try Schedules.times(#""daily":{"at":["02:30","03:00"]}"#, from: "2026-10-25T01:10", zone: "Europe/Berlin", count: 2) == [
            "2026-10-25T02:00", "2026-10-26T01:30",
        ])
    }

    @Test("G2: a cron with '*' for its hours follows the clock: every 15 real minutes through the repeated hour, and over the gap")
    func everyQuarter() throws {
        for (zone, from) in [
            ("Europe/Berlin", "2026-10-24T23:00"), ("Europe/Berlin", "2026-03-29T00:00"), ("America/New_York", "2026-11-01T04:00"),
            ("America/New_York", "2026-03-08T05:00"), ("Australia/Lord_Howe", "2026-04-04T13:00"), ("Australia/Lord_Howe", "2026-10-03T14:00"),
            ("Asia/Kolkata", "2026-03-29T00:00"), ("UTC", "2026-03-29T00:00"),
        ] {
            let schedule = try Schedules.make(#""cron":"*/15 * * * *""#, zone: zone)
            var time = try Schedules.time(from)
            for _ in 0..<24 {
                let next = schedule.next(after: time, anchor: time)
                #expect(next == time + .seconds(900), "\(zone) \(time)")
                time = time + .seconds(900)
            }
        }
    }

    @Test("G2: hourly crons come in both turns of the hour, and not in the hour that is left out")
    func hourly() throws {
        #expect(try Schedules.times(#""cron":"30 * * * *""#, from: "2026-10-25T00:00", zone: "Europe/Berlin") == [
            "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30",
        ])
        #expect(try Schedules.times(#""cron":"*/30 2 * * *""#, from: "2026-03-28T12:00", zone: "Europe/Berlin", count: 2) == [
            "2026-03-30T00:00", "2026-03-30T00:30",
        ])
    }

    @Test("a cron that follows the clock finds the second turn of an hour, also where its next day is a year away")
    func rareDay() throws {
        #expect(try Schedules.times(#""cron":"*/30 2 25 10 *""#, from: "2026-10-25T00:00", zone: "Europe/Berlin", count: 5) == [
            "2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2027-10-25T00:00",
        ])
    }

    @Test("a zone that leaves out a whole day, and one without changes")
    func odd() throws {
        // Samoa had no 30 December 2011: from UTC-10 to UTC+14 at 10:00 UTC.
        #expect(try Schedules.times(#""daily":{"at":"12:00"}"#, from: "2011-12-29T00:00", zone: "Pacific/Apia", count: 4) == [
            "2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00", "2011-12-31T22:00",
        ])
        #expect(try Schedules.times(#""daily":{"at":"02:30"}"#, from: "2026-03-28T12:00", zone: "Asia/Kolkata", count: 2) == [
            "2026-03-28T21:00", "2026-03-29T21:00",
        ])
    }

    @Test("times of day follow the clock over the years")
    func years() throws {
        let schedule = try Schedules.make(#""daily":{"at":"12:00"}"#, zone: "Europe/Berlin")
        let zone = try ScheduleZone("Europe/Berlin")
        var time = try Schedules.time("2026-01-01T00:00")
        let anchor = time
        for _ in 0..<4000 {
            let next = try #require(schedule.next(after: time, anchor: anchor))
            let second = Int(next.milliseconds / 1000)
            #expect((second + zone.offset(at: second)) % 86_400 == 43_200)
            #expect((82_800...90_000).contains((next.milliseconds - time.milliseconds) / 1000) || time == anchor)
            time = next
        }
    }

    @Test("an unknown zone is refused with what to write instead", arguments: [
        ("europe/berlin", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("new york", "America/New_York"), ("EST", "America/New_York"),
        ("CET", "Europe"), ("GMT+2", "Etc/GMT-2"), ("UTC-05:00", "Etc/GMT+5"), ("+01:00", "Etc/GMT-1"), ("Z", "UTC"), ("Nowhere/City", "IANA"),
        ("", "IANA"), ("Mars", "IANA"), (String(repeating: "x", count: 100_000), "IANA"), ("../../etc/passwd", "IANA"),
    ])
    func unknown(name: String, hint: String) {
        do throws(UnknownZone) {
            _ = try ScheduleZone(name)
            Issue.record("\(name) was taken")
        } catch {
            #expect(error.description.contains(hint))
            #expect(error.description.utf8.count < 300)
        }
    }

    @Test("a machine without data on time zones says so, and still has UTC")
    func missingData() throws {
        let none = ZoneDatabase(zone: { _ in nil }, names: { [] })
        do throws(UnknownZone) {
            _ = try ScheduleZone("Europe/Berlin", database: none)
            Issue.record("a zone from nowhere")
        } catch {
            #expect(error.description.contains("tzdata"))
        }
        #expect(try ScheduleZone("UTC", database: none) == .utc)
    }
}
