import Testing

@testable import BatonModel

@Suite("What a schedule's series starts", .timeLimit(.minutes(1)))
struct ScheduleSeriesTests {
    private func series(_ fields: String, from: String = "2026-12-01T08:00", zone: String? = nil) throws -> Series {
        Series(try Schedules.make(fields, zone: zone), startingAt: try Schedules.time(from))
    }

    private func due(_ series: inout Series, _ now: String, isRunning: Bool = false) throws -> [String] {
        series.due(now: try Schedules.time(now), isRunning: isRunning).map { "\($0.number) \(Schedules.text($0.scheduled))" }
    }

    @Test("G2: each occurrence has its scheduled time and a number, and is a run of its own")
    func occurrences() throws {
        var series = try series(#""every":"15m""#)
        #expect(series.next == (try Schedules.time("2026-12-01T08:00")))
        let first = series.due(now: try Schedules.time("2026-12-01T08:00:00.030Z"), isRunning: false)
        #expect(first == [Occurrence(schedule: "s", number: 1, scheduled: try Schedules.time("2026-12-01T08:00"))])
        #expect(try due(&series, "2026-12-01T08:00:01.000Z") == [])
        #expect(series.next == (try Schedules.time("2026-12-01T08:15")))
        let second = series.due(now: try Schedules.time("2026-12-01T08:15:00.500Z"), isRunning: false)
        #expect(second.map(\.number) == [2] && second.map(\.key) != first.map(\.key))
        #expect(first[0].key == "s@2026-12-01T08:00:00.000Z")
    }

    @Test("G2: late starts don't shift what follows")
    func noDrift() throws {
        var series = try series(#""every":"15m""#)
        for index in 0..<200 {
            let late = Int64(index * 37 % 59) * 1000
            let scheduled = try Schedules.time("2026-12-01T08:00") + .seconds(900 * index)
            #expect(series.due(now: scheduled + .milliseconds(late), isRunning: false).map(\.scheduled) == [scheduled])
        }
        #expect(series.missedCount == 0 && series.startedCount == 200)
    }

    @Test("G2: at most n runs")
    func times() throws {
        var series = try series(#""every":"15m","times":2"#)
        #expect(try due(&series, "2026-12-01T08:00") == ["1 2026-12-01T08:00"])
        #expect(!series.isEnded)
        #expect(try due(&series, "2026-12-01T08:15") == ["2 2026-12-01T08:15"])
        #expect(series.isEnded && series.next == nil)
        #expect(try due(&series, "2026-12-01T09:00") == [])
    }

    @Test("G2: times that were left out don't count towards the n runs")
    func timesWithoutRuns() throws {
        var series = try series(#""every":"15m","times":2,"missed":"skip""#)
        #expect(try due(&series, "2026-12-01T08:05") == [])
        #expect(try due(&series, "2026-12-01T08:15") == ["1 2026-12-01T08:15"])
        #expect(try due(&series, "2026-12-01T08:30", isRunning: true) == [])
        #expect(try due(&series, "2026-12-01T08:45") == ["2 2026-12-01T08:45"])
        #expect(series.isEnded && series.missedCount == 1 && series.overlappedCount == 1)
    }

    @Test("G2: until ends the series, and a series that can't begin is ended from the start")
    func until() throws {
        var series = try series(#""every":"15m","until":"2026-12-01T08:15:00Z""#)
        #expect(try due(&series, "2026-12-01T08:00") == ["1 2026-12-01T08:00"])
        #expect(try due(&series, "2026-12-01T08:15") == ["2 2026-12-01T08:15"])
        #expect(series.isEnded)
        #expect(try self.series(#""every":"15m","until":"2026-12-01T07:00:00Z""#).isEnded)
    }

    @Test("G2: from a time in the future nothing comes earlier; from one in the past nothing is made up for")
    func from() throws {
        var later = try series(#""every":"15m","from":"2026-12-02T00:00:00Z""#)
        #expect(later.next == (try Schedules.time("2026-12-02T00:00")))
        #expect(try due(&later, "2026-12-01T23:59") == [])
        #expect(try due(&later, "2026-12-02T00:00") == ["1 2026-12-02T00:00"])
        var earlier = try series(#""every":"1h","from":"2020-01-01T00:20:00Z""#)
        #expect(earlier.next == (try Schedules.time("2026-12-01T08:20")))
        #expect(try due(&earlier, "2026-12-01T08:20") == ["1 2026-12-01T08:20"])
        #expect(earlier.missedCount == 0)
        #expect(try series(#""every":"1h","from":"2020-01-01T00:00:00Z""#).next == Schedules.time("2026-12-01T08:00"))
    }

    @Test("G2: missed ones are skipped, and the series goes on")
    func missedSkip() throws {
        var series = try series(#""daily":{"at":"09:00"},"missed":"skip""#)
        #expect(try due(&series, "2026-12-04T12:00") == [])
        #expect(series.missedCount == 4)
        #expect(try due(&series, "2026-12-05T09:00:30.000Z") == ["1 2026-12-05T09:00"])
        #expect(try due(&series, "2026-12-09T09:00:30.000Z") == ["2 2026-12-09T09:00"])
        #expect(series.missedCount == 7)
    }

    @Test("G2: missed ones run once, with the time of the last, and the series goes on")
    func missedOnce() throws {
        var series = try series(#""daily":{"at":"09:00"}"#)
        #expect(try due(&series, "2026-12-04T12:00") == ["1 2026-12-04T09:00"])
        #expect(series.missedCount == 3)
        #expect(try due(&series, "2026-12-04T12:01") == [])
        #expect(try due(&series, "2026-12-05T09:00") == ["2 2026-12-05T09:00"])
    }

    @Test("up to a minute late is on time, also for several; later is missed", arguments: ["skip", "once"])
    func grace(missed: String) throws {
        var series = try series(#""every":"20s","overlap":"allow","missed":"\#(missed)""#)
        #expect(try due(&series, "2026-12-01T08:01:00.000Z").count == 4)
        #expect(series.missedCount == 0)
        #expect(try due(&series, "2026-12-01T08:02:21.000Z").map { $0.suffix(5) } == ["02:20"])
        #expect(series.missedCount == 3)
    }

    @Test("G2: a year without anyone looking costs nothing, for intervals of a second and crons of each second", arguments: [
        #""every":"1s""#, #""cron":"* * * * * *""#, #""cron":"0-59 0-59 0-23 * * *""#, #""cron":"0 0 29 2 *""#, #""daily":{"at":"02:30"}"#,
    ])
    func longDowntime(fields: String) throws {
        for zone in ["UTC", "Europe/Berlin"] {
            var series = try series(fields, zone: zone)
            let now = try Schedules.time("2036-12-01T08:00:00.500Z")
            let clock = ContinuousClock()
            let start = clock.now
            let started = series.due(now: now, isRunning: false)
            #expect(clock.now - start < .seconds(2))
            #expect(started.count == 1)
            let schedule = series.schedule
            let scheduled = try #require(started.first).scheduled
            let following = try #require(schedule.next(after: scheduled, anchor: series.anchor))
            #expect(scheduled <= now && following > now)
            if fields.contains("every") { #expect(series.missedCount == 315_619_200) }
            #expect(series.next == following)
        }
    }

    @Test("G2: no overlap unless asked: the occurrence is left out")
    func overlapSkip() throws {
        var series = try series(#""every":"15m""#)
        #expect(try due(&series, "2026-12-01T08:00").count == 1)
        #expect(try due(&series, "2026-12-01T08:15", isRunning: true) == [])
        #expect(try due(&series, "2026-12-01T08:20") == [])
        #expect(try due(&series, "2026-12-01T08:30") == ["2 2026-12-01T08:30"])
        #expect(series.overlappedCount == 1 && series.missedCount == 0)
    }

    @Test("G2: with 'queue' they wait for one another in their order")
    func overlapQueue() throws {
        var series = try series(#""every":"15m","overlap":"queue","times":4"#)
        #expect(try due(&series, "2026-12-01T08:00") == ["1 2026-12-01T08:00"])
        #expect(try due(&series, "2026-12-01T08:15", isRunning: true) == [])
        #expect(try due(&series, "2026-12-01T08:30", isRunning: true) == [])
        #expect(try due(&series, "2026-12-01T08:31") == ["2 2026-12-01T08:15"])
        #expect(try due(&series, "2026-12-01T08:32", isRunning: true) == [])
        #expect(try due(&series, "2026-12-01T08:45") == ["3 2026-12-01T08:30"])
        #expect(series.next == nil && !series.isEnded)
        #expect(try due(&series, "2026-12-01T10:00") == ["4 2026-12-01T08:45"])
        #expect(series.isEnded)
    }

    @Test("a queue that nobody empties stays bounded")
    func boundedQueue() throws {
        var series = try series(#""every":"1m","overlap":"queue""#)
        var now = try Schedules.time("2026-12-01T08:00")
        for _ in 0..<1500 {
            _ = series.due(now: now, isRunning: true)
            now = now + .seconds(60)
        }
        #expect(series.waiting.count == Series.longestQueue && series.overlappedCount == 500)
    }

    @Test("G2: with 'allow' they run side by side")
    func overlapAllow() throws {
        var series = try series(#""every":"15m","overlap":"allow""#)
        #expect(try due(&series, "2026-12-01T08:00", isRunning: true).count == 1)
        #expect(try due(&series, "2026-12-01T08:15", isRunning: true).count == 1)
    }

    @Test("several at once: one starts, the others are left out or wait, as for any overlap")
    func severalAtOnce() throws {
        var skip = try series(#""every":"20s""#)
        #expect(try due(&skip, "2026-12-01T08:00:45.000Z") == ["1 2026-12-01T08:00"])
        #expect(skip.overlappedCount == 2)
        var queue = try series(#""every":"20s","overlap":"queue""#)
        #expect(try due(&queue, "2026-12-01T08:00:45.000Z") == ["1 2026-12-01T08:00"])
        #expect(queue.waiting.count == 2)
    }

    @Test("a pause starts nothing and counts as nothing missed")
    func pause() throws {
        var series = try series(#""every":"15m","paused":true"#)
        #expect(series.isPaused && series.next == nil && !series.isEnded)
        #expect(try due(&series, "2026-12-01T09:00") == [])
        series.resume(now: try Schedules.time("2026-12-01T09:05"))
        #expect(series.next == (try Schedules.time("2026-12-01T09:15")))
        #expect(try due(&series, "2026-12-01T09:15") == ["1 2026-12-01T09:15"])
        series.pause()
        #expect(try due(&series, "2026-12-01T09:30") == [])
        series.resume(now: try Schedules.time("2026-12-01T09:35"))
        series.resume(now: try Schedules.time("2026-12-01T12:35"))
        #expect(try due(&series, "2026-12-01T09:45") == ["2 2026-12-01T09:45"])
        #expect(series.missedCount == 0)
    }

    @Test("a clock that goes back starts nothing twice")
    func clockBack() throws {
        var series = try series(#""every":"15m""#)
        #expect(try due(&series, "2026-12-01T08:30").count == 1)
        #expect(try due(&series, "2026-12-01T08:00") == [])
        #expect(try due(&series, "2026-12-01T08:30") == [])
        #expect(try due(&series, "2026-12-01T08:45") == ["2 2026-12-01T08:45"])
    }

    @Test("what was stored goes on as if nothing had happened, at each step")
    func stored() throws {
        for overlap in ["skip", "queue", "allow"] {
            var live = try series(#""cron":"*/7 * * * *","overlap":"\#(overlap)","times":60"#, zone: "Europe/Berlin")
            var stored = live
            var now = live.anchor
            var numbers = SeededGenerator(seed: 3)
            for _ in 0..<100 {
                now = now + .seconds(Int64.random(in: 0...900, using: &numbers))
                let isRunning = Bool.random(using: &numbers)
                #expect(stored.due(now: now, isRunning: isRunning) == live.due(now: now, isRunning: isRunning))
                stored = try #require(Series(stored.schedule, document: stored.document))
                #expect(stored == live && stored.next == live.next)
            }
        }
    }

    @Test("a state that is none is not read", arguments: [
        "{}", "[]", "null", #"{"anchor":0}"#, #"{"anchor":0,"started":-1,"missed":0,"overlapped":0,"paused":false}"#,
        #"{"anchor":0,"started":9223372036854775807,"missed":0,"overlapped":0,"paused":false}"#,
    ])
    func wrongState(text: String) throws {
        #expect(Series(try Schedules.make(#""every":"1m""#), document: try JSON(parsing: text)) == nil)
    }
}
