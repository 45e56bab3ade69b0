import Testing

@testable import BatonModel

@Suite("Schedule documents", .timeLimit(.minutes(1)))
struct ScheduleReaderTests {
    private func problems(json text: String, limits: Limits = Limits()) -> [GraphProblem] {
        do throws(InvalidSchedule) { _ = try ScheduleReader.read(json: Array(text.utf8), limits: limits) } catch { return error.problems }
        return []
    }

    private func problems(_ fields: String) -> [GraphProblem] { problems(json: #"{"name":"s",\#(fields),"graph":\#(Schedules.graph)}"#) }

    @Test("G2: each field is read, in JSON and in YAML alike")
    func allFields() throws {
        let json = """
            {"name":"nightly","cron":"0 30 2 * * MON-FRI","timeZone":"Europe/Berlin","from":"2026-12-01T08:00:00Z","until":"2027-12-01T08:00:00+01:00",
             "times":10,"missed":"skip","overlap":"queue","paused":true,"graph":\(Schedules.graph)}
            """
        let yaml = """
            name: nightly
            cron: "0 30 2 * * MON-FRI"
            timeZone: Europe/Berlin
            from: 2026-12-01T08:00:00Z
            until: 2027-12-01T08:00:00+01:00
            times: 10
            missed: skip
            overlap: queue
            paused: true
            graph:
              name: g
              tasks:
                - {id: a, handler: h}
            """
        let schedule = try ScheduleReader.read(document: Array(json.utf8))
        #expect(try ScheduleReader.read(document: Array(yaml.utf8)) == schedule)
        #expect(
            schedule
                == Schedule(
                    name: "nightly", recurrence: .cron(try CronExpression("0 30 2 * * MON-FRI")), graph: try JSON(parsing: Schedules.graph),
                    timeZone: try ScheduleZone("Europe/Berlin"), from: try Schedules.time("2026-12-01T08:00"), until: try Schedules.time("2027-12-01T07:00"),
                    times: 10, missed: .skip, overlap: .queue, isPaused: true))
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let schedule = try Schedules.make(#""every":"15m""#)
        #expect(schedule.timeZone == .utc && schedule.from == nil && schedule.until == nil && schedule.times == nil && !schedule.isPaused)
        #expect(schedule.missed == .once && schedule.overlap == .skip && schedule.recurrence == .every(.seconds(900)))
    }

    @Test("times of day and dates need no quotes in YAML")
    func plainYAML() throws {
        for (yaml, json) in [
            ("daily: {at: [08:00, 17:30, 17:30:15]}", #""daily":{"at":["08:00","17:30","17:30:15"]}"#), ("daily: {at: 17:30}", #""daily":{"at":"17:30"}"#),
            ("weekly: {on: mon, at: 09:00}", #""weekly":{"on":["mon"],"at":["09:00"]}"#),
            ("monthly: {on: [1, 15, last, 'fri#last'], at: 06:00}", #""monthly":{"on":["fri#last","last",15,1],"at":"06:00"}"#),
            ("yearly: {on: [02-29, 12-24], at: 06:00}", #""yearly":{"on":["12-24","02-29"],"at":"06:00"}"#), ("every: 15m", #""every":"900s""#),
        ] {
            #expect(try ScheduleReader.read(yaml: "name: s\n\(yaml)\ngraph: \(Schedules.graph)\n") == Schedules.make(json), "\(yaml)")
        }
    }

    @Test("the document reads back as the same schedule, with and without looking at its graph", arguments: [
        #""every":"15m""#, #""every":"1500ms","times":3"#, #""cron":"  */5  * * * MON-FRI","timeZone":"America/New_York""#, #""cron":"@daily","missed":"skip""#,
        #""daily":{"at":["08:00","17:30:10"]},"overlap":"allow","paused":true"#, #""weekly":{"on":["sun","mon"],"at":"09:00"},"until":"2027-01-01T00:00:00.001Z""#,
        #""monthly":{"on":[31,1,"last","mon#1","fri#last"],"at":"06:00"},"from":"2026-01-01T00:00:00Z""#, #""yearly":{"on":["02-29"],"at":["06:00"]}"#,
    ])
    func roundTrip(fields: String) throws {
        let schedule = try Schedules.make(fields)
        let document = schedule.document
        #expect(try ScheduleReader.read(json: document.bytes) == schedule)
        #expect(try ScheduleReader.read(checked: document) == schedule)
        #expect(try ScheduleReader.read(checked: document).document == document)
    }

    @Test("the graph is kept as it came")
    func graphText() throws {
        let graph = #"{"tasks":[{"handler":"h","id":"a","inputs":{"x":12345678901234567890123}}],"name":"g"}"#
        #expect(try ScheduleReader.read(json: Array(#"{"name":"s","every":"1m","graph":\#(graph)}"#.utf8)).graph.description == graph)
    }

    @Test("G2: each mistake is told with its path", arguments: [
        (#""every":"15""#, "every", "is not a duration"), (#""every":15"#, "every", "must be a text"), (#""every":"0s""#, "every", "at least 1s"),
        (#""every":"999ms""#, "every", "at least 1s"), (#""every":"5000d""#, "every", "3650d"), (#""cron":5"#, "cron", "must be a text"),
        (#""cron":"99 * * * *""#, "cron", "minute: '99'"), (#""cron":"0 0 31 2 *""#, "cron", "never fires"), (#""daily":"08:00""#, "daily", "must be an object"),
        (#""daily":{}"#, "daily.at", "is missing"), (#""daily":{"at":[]}"#, "daily.at", "must not be empty"), (#""daily":{"at":["08:00","24:00"]}"#, "daily.at[1]", "24:00"),
        (#""daily":{"at":"8:00"}"#, "daily.at", "such as 08:00"), (#""daily":{"at":"08:60"}"#, "daily.at", "'08:60'"), (#""daily":{"at":{}}"#, "daily.at", "must be a text"),
        (#""daily":{"at":"08:00","on":"mon"}"#, "daily.on", "is not a field"), (#""weekly":{"at":"08:00"}"#, "weekly.on", "is missing"),
        (#""weekly":{"on":["mon","day"],"at":"08:00"}"#, "weekly.on[1]", "'day'"), (#""weekly":{"on":"mon"}"#, "weekly.at", "is missing"),
        (#""monthly":{"on":[0],"at":"06:00"}"#, "monthly.on[0]", "'0'"), (#""monthly":{"on":[32],"at":"06:00"}"#, "monthly.on[0]", "'32'"),
        (#""monthly":{"on":[1.5],"at":"06:00"}"#, "monthly.on[0]", "'1.5'"), (#""monthly":{"on":["mon#6"],"at":"06:00"}"#, "monthly.on[0]", "mon#6"),
        (#""monthly":{"on":[true],"at":"06:00"}"#, "monthly.on[0]", "type bool"), (#""yearly":{"on":"02-31","at":"06:00"}"#, "yearly.on", "'02-31' never comes"),
        (#""yearly":{"on":["04-31"],"at":"06:00"}"#, "yearly.on[0]", "never comes"), (#""yearly":{"on":["13-01"],"at":"06:00"}"#, "yearly.on[0]", "month first"),
        (#""yearly":{"on":["24.12."],"at":"06:00"}"#, "yearly.on[0]", "12-24"), (#""every":"1m","timeZone":"Berlin""#, "timeZone", "Europe/Berlin"),
        (#""every":"1m","timeZone":null"#, "timeZone", "null"), (#""every":"1m","from":"tomorrow""#, "from", "2026-12-01T08:00:00Z"),
        (#""every":"1m","until":5"#, "until", "must be a text"), (#""every":"1m","times":0"#, "times", "from 1"), (#""every":"1m","times":1.5"#, "times", "whole"),
        (#""every":"1m","missed":"all""#, "missed", "skip, once"), (#""every":"1m","overlap":"yes""#, "overlap", "skip, queue, allow"),
        (#""every":"1m","paused":"no""#, "paused", "true or false"), (#""every":"1m","evry":1"#, "evry", "is not a field"), (#""every":"1m","every":"2m""#, "every", "twice"),
        (#""every":"1m","from":"2026-12-02T00:00:00Z","until":"2026-12-01T00:00:00Z""#, "until", "before 'from'"),
        (#""daily":{"at":"08:00"},"from":"2026-12-01T09:00:00Z","until":"2026-12-02T07:00:00Z""#, "until", "no time for an occurrence"),
        (#""every":"1m","cron":"* * * * *""#, "cron", "beside 'every'"), (#""times":1"#, "", "give one of every, cron"),
    ])
    func wrong(fields: String, path: String, message: String) {
        let found = problems(fields)
        #expect(found.map(\.path) == [path])
        #expect(found.first?.message.contains(message) == true, "\(found)")
    }

    @Test("all mistakes are told at once, those of the graph with their paths in the document")
    func together() {
        let found = problems(
            json: #"{"name":"a b","weekly":{"on":["x"],"at":["25:00"]},"timeZone":"X","times":-1,"graph":{"name":"g","tasks":[{"id":"a","handler":"h","dependencies":["b"]}],"x":1}}"#)
        #expect(Set(found.map(\.path)) == [
            "name", "weekly.on[0]", "weekly.at[0]", "timeZone", "times", "graph.x", "graph.tasks[0].dependencies[0]",
        ])
        #expect(Set(problems(json: "{}").map(\.path)) == ["name", "graph", ""])
        #expect(problems(json: #"{"name":"s","every":"1m","graph":[]}"#).map(\.path) == ["graph"])
        #expect(problems(json: #"{"name":"s","every":"1m","graph":null}"#).map(\.path) == ["graph"])
    }

    @Test("the rules of its graph are held against the checks, with paths from the graph on")
    func rules() {
        let text = #"{"name":"s","every":"1m","graph":{"name":"g","tasks":[{"id":"a","handler":"h","when":"[[","cache":{},"routes":{"x":"b"}}]}}"#
        do throws(InvalidSchedule) {
            _ = try ScheduleReader.read(json: Array(text.utf8), checks: RuleChecks.strict)
            Issue.record("taken")
        } catch {
            #expect(Set(error.problems.map(\.path)) == ["graph.tasks[0].when", "graph.tasks[0].cache.ttl", "graph.tasks[0].routes.x"])
        }
    }

    @Test("the 31st of February never comes, however it is asked for")
    func thirtyFirstOfFebruary() {
        #expect(problems(#""yearly":{"on":["02-29","02-30","02-31"],"at":"06:00"}"#).map(\.path) == ["yearly.on[1]", "yearly.on[2]"])
        #expect(problems(#""cron":"0 6 30,31 2 *""#).map(\.path) == ["cron"])
        #expect(problems(#""cron":"0 6 29 2 *""#).isEmpty)
        #expect(problems(#""monthly":{"on":[31],"at":"06:00"}"#).isEmpty)
    }

    @Test("errors in YAML have the same paths")
    func yamlPaths() {
        do throws(InvalidSchedule) {
            _ = try ScheduleReader.read(yaml: "name: s\ndaily: {at: [08:00, 25:00]}\ngraph:\n  name: g\n  tasks: []\n")
            Issue.record("taken")
        } catch {
            #expect(error.problems.map(\.path) == ["daily.at[1]", "graph.tasks"])
        }
    }

    @Test("what is no document is refused with words", arguments: [
        "", "[]", "5", "\"x\"", "{", "{\"name\":", "null", "name: [", "cron: */5 * * * *", "&a [*a]", "? [*a]\n: 1", "\u{0}", "a: b: c",
    ])
    func noDocument(text: String) {
        do throws(InvalidSchedule) {
            _ = try ScheduleReader.read(document: Array(text.utf8))
            Issue.record("taken")
        } catch {
            #expect(!error.problems.isEmpty && error.problems.allSatisfy { !$0.message.isEmpty })
        }
        #expect(throws: InvalidSchedule.self) { try ScheduleReader.read(document: [0x6E, 0xFF]) }
    }

    @Test("lists with a million entries, names of a megabyte and endless nesting are refused in bounded work")
    func hostile() {
        let many = Array(repeating: #""08:00""#, count: 1_000_000).joined(separator: ",")
        #expect(problems(#""daily":{"at":[\#(many)]}"#).map(\.path) == ["daily.at"])
        let wrong = Array(repeating: "0", count: 1_000_000).joined(separator: ",")
        #expect(problems(#""monthly":{"on":[\#(wrong)],"at":"08:00"}"#).count == 101)
        let long = String(repeating: "x", count: 1 << 20)
        for fields in [
            #""cron":"\#(long)""#, #""timeZone":"\#(long)","every":"1m""#, #""daily":{"at":"\#(long)"}"#, #""weekly":{"on":"\#(long)","at":"08:00"}"#,
            #""monthly":{"on":"\#(long)","at":"08:00"}"#, #""yearly":{"on":"\#(long)","at":"08:00"}"#, #""from":"\#(long)","every":"1m""#,
        ] {
            let found = problems(fields)
            #expect(found.count == 1 && found.allSatisfy { $0.message.utf8.count < 500 })
        }
        #expect(problems(#""every":\#(String(repeating: "[", count: 100_000))"#).count == 1)
        var limits = Limits()
        limits.documentBytes = 100
        #expect(problems(json: #"{"name":"\#(long)"}"#, limits: limits)[0].message.contains("documentBytes"))
    }
}
