import Testing

@testable import BatonModel

@Suite("Cron expressions", .timeLimit(.minutes(1)))
struct ScheduleCronTests {
    private func days(_ cron: String, from: String, count: Int = 3) throws -> [String] {
        try Schedules.times(#""cron":"\#(cron)""#, from: from, count: count).map { String($0.prefix(10)) }
    }

    @Test("G2: lists, ranges, steps and names", arguments: [
        ("0,30 8-9 * * *", ["2026-12-01T08:00", "2026-12-01T08:30", "2026-12-01T09:00", "2026-12-01T09:30", "2026-12-02T08:00"]),
        ("50/5 23 * * *", ["2026-12-01T23:50", "2026-12-01T23:55", "2026-12-02T23:50"]),
        ("0 0-12/6 * * *", ["2026-12-01T00:00", "2026-12-01T06:00", "2026-12-01T12:00", "2026-12-02T00:00"]),
        ("0 */10 * * *", ["2026-12-01T00:00", "2026-12-01T10:00", "2026-12-01T20:00", "2026-12-02T00:00"]),
        ("0 0 1 jan,JUL *", ["2027-01-01T00:00", "2027-07-01T00:00"]), ("0 0 * * fri-sun", ["2026-12-04T00:00", "2026-12-05T00:00", "2026-12-06T00:00", "2026-12-11T00:00"]),
        ("0 0 * * 7", ["2026-12-06T00:00"]), ("0 0 * * 0", ["2026-12-06T00:00"]), ("0 0 ? * 2", ["2026-12-01T00:00", "2026-12-08T00:00"]),
        ("15,45 * * * * *", ["2026-12-01T00:00:15", "2026-12-01T00:00:45", "2026-12-01T00:01:15"]),
        ("  0\\t12   * * *  ", ["2026-12-01T12:00", "2026-12-02T12:00"]), ("@hourly", ["2026-12-01T00:00", "2026-12-01T01:00"]),
        ("@daily", ["2026-12-01T00:00", "2026-12-02T00:00"]), ("@weekly", ["2026-12-06T00:00", "2026-12-13T00:00"]),
        ("@monthly", ["2026-12-01T00:00", "2027-01-01T00:00"]), ("@Yearly", ["2027-01-01T00:00", "2028-01-01T00:00"]),
        ("59 59 23 31 12 *", ["2026-12-31T23:59:59", "2027-12-31T23:59:59"]),
    ])
    func fields(cron: String, expected: [String]) throws {
        #expect(try Schedules.times(#""cron":"\#(cron)""#, from: "2026-12-01T00:00", count: expected.count) == expected)
    }

    @Test("day of the month and day of the week: either is enough, unless one of them begins with '*'")
    func eitherDay() throws {
        #expect(try days("0 0 13 * FRI", from: "2026-12-01T00:00", count: 4) == ["2026-12-04", "2026-12-11", "2026-12-13", "2026-12-18"])
        #expect(try days("0 0 */2 * MON", from: "2026-12-01T00:00", count: 2) == ["2026-12-07", "2026-12-21"])
        #expect(try days("0 0 13 * *", from: "2026-12-01T00:00", count: 2) == ["2026-12-13", "2027-01-13"])
        #expect(try days("0 0 * * FRI", from: "2026-12-01T00:00", count: 2) == ["2026-12-04", "2026-12-11"])
        // The rarest pair there is: 29 February on a Sunday, with 40 years between two of them.
        #expect(try days("0 0 29 2 */7", from: "2080-03-01T00:00", count: 2) == ["2088-02-29", "2128-02-29"])
    }

    @Test("last days, workdays and counted weekdays")
    func special() throws {
        #expect(try days("0 0 L * *", from: "2027-01-15T00:00", count: 2) == ["2027-01-31", "2027-02-28"])
        #expect(try days("0 0 LW * *", from: "2027-01-15T00:00", count: 3) == ["2027-01-29", "2027-02-26", "2027-03-31"])
        #expect(try days("0 0 1W * *", from: "2027-05-01T00:00", count: 2) == ["2027-05-03", "2027-06-01"])
        #expect(try days("0 0 15W * *", from: "2027-05-01T00:00", count: 2) == ["2027-05-14", "2027-06-15"])
        #expect(try days("0 0 31W * *", from: "2027-10-01T00:00", count: 2) == ["2027-10-29", "2027-12-31"])
        #expect(try days("0 0 * * MON#2", from: "2027-01-01T00:00", count: 2) == ["2027-01-11", "2027-02-08"])
        #expect(try days("0 0 * * 0#5", from: "2027-01-01T00:00", count: 2) == ["2027-01-31", "2027-05-30"])
        #expect(try days("0 0 * * FRIL", from: "2027-01-01T00:00", count: 2) == ["2027-01-29", "2027-02-26"])
        #expect(try days("0 0 * * 5L", from: "2027-01-01T00:00", count: 1) == ["2027-01-29"])
        #expect(try days("0 0 15,L * *", from: "2027-01-01T00:00", count: 3) == ["2027-01-15", "2027-01-31", "2027-02-15"])
    }

    @Test("G2: a rule that can never fire is refused by its name", arguments: ["0 0 31 2 *", "0 0 30-31 FEB *", "0 0 31 4,6,9,11 *", "0 0 0 30 2 ?", "0 0 31W 2 *"])
    func never(cron: String) throws {
        #expect(!(try CronExpression(cron)).fires)
        do throws(InvalidSchedule) {
            _ = try ScheduleReader.read(json: Array(#"{"name":"s","cron":"\#(cron)","graph":\#(Schedules.graph)}"#.utf8))
            Issue.record("\(cron) was taken")
        } catch {
            #expect(error.problems.map(\.path) == ["cron"])
            #expect(error.description.contains("'\(cron)' never fires"))
        }
    }

    @Test("what is no cron expression is refused with the field and the reason", arguments: [
        ("", "0 fields"), ("* * * *", "4 fields"), ("* * * * * * *", "7 fields"), ("60 * * * *", "minute: '60'"), ("* 24 * * *", "hour: '24'"),
        ("* * 0 * *", "day of the month: '0'"), ("* * 32 * *", "day of the month: '32'"), ("* * * 13 *", "month: '13'"), ("* * * FOO *", "month: 'FOO'"),
        ("* * * * 8", "day of the week: '8'"), ("* * * * MO", "day of the week: 'MO'"), ("60 * * * * *", "second: '60'"), ("5-1 * * * *", "ends before it begins"),
        ("* * * * FRI-MON", "ends before it begins"), ("*/0 * * * *", "step"), ("*/90 * * * *", "longer than the field"), ("*/x * * * *", "step"), ("*/-1 * * * *", "step"),
        ("*/+1 * * * *", "step"), (", * * * *", "minute: ''"), ("1,,2 * * * *", "minute: ''"), ("1- * * * *", "minute: ''"), ("-1 * * * *", "minute: ''"), ("+1 * * * *", "minute: '+1'"),
        ("1/2/3 * * * *", "step"), ("? * * * *", "minute: '?'"), ("* * * * L", "FRIL"), ("* * * * MON#6", "#1 to #5"), ("* * * * MON#1#2", "#1 to #5"), ("* * W * *", "day of the month: ''"),
        ("* * 40W * *", "day of the month: '40'"), ("@reboot", "@hourly"), ("@daily 1", "@hourly"), ("１ * * * *", "minute"), ("99999999999999999999 * * * *", "minute"),
    ])
    func refused(cron: String, reason: String) {
        do throws(InvalidCron) {
            _ = try CronExpression(cron)
            Issue.record("\(cron) was taken")
        } catch {
            #expect(error.description.contains(reason))
        }
    }

    @Test("all fields' mistakes are told together")
    func together() {
        do throws(InvalidCron) {
            _ = try CronExpression("61 25 x 13 9")
            Issue.record("taken")
        } catch {
            #expect(error.messages.count == 5)
        }
    }

    @Test("a text of a megabyte is refused at once, and one of the longest allowed is read")
    func long() throws {
        #expect(throws: InvalidCron.self) { try CronExpression(String(repeating: "1,", count: 500_000) + "1 * * * *") }
        #expect(try CronExpression(String(repeating: "1,", count: 500) + "1 * * * *").fires)
    }
}
