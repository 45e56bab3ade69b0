import Testing

@testable import BatonModel

@Suite("Durations, times, names and ids as text", .timeLimit(.minutes(1)))
struct TextTests {
    @Test(
        "durations are read",
        arguments: [
            ("250ms", 250), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000), ("2d", 172_800_000), ("0s", 0), ("1.5s", 1500),
            ("0.5ms", 1), (".5s", 500), ("3650d", 315_360_000_000), ("0.001s", 1), ("007s", 7000),
        ] as [(String, Int64)])
    func durations(text: String, milliseconds: Int64) {
        #expect(Duration(text: text)?.milliseconds == milliseconds)
    }

    @Test(
        "what is no duration is refused",
        arguments: [
            "", "s", "5", "-1s", "+1s", "1 s", " 1s", "1s ", "1S", "1w", "1e3s", "nans", "infs", "1.2.3s", ".s", "3651d", "0x1s", "1,5s",
            "1m30s", "٣s", String(repeating: "9", count: 400) + "s",
        ])
    func noDurations(text: String) { #expect(Duration(text: text) == nil) }

    @Test("a duration's text is short, and reads back")
    func durationText() {
        for (milliseconds, text) in [(0, "0ms"), (1, "1ms"), (1000, "1s"), (90_000, "90s"), (60_000, "1m"), (7_200_000, "2h"), (86_400_000, "1d")]
            as [(Int64, String)]
        {
            #expect(Duration.milliseconds(milliseconds).text == text)
        }
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let duration = Duration.milliseconds(Int64.random(in: 0...315_360_000_000, using: &generator))
            #expect(Duration(text: duration.text) == duration)
        }
        #expect(Duration.seconds(Int64.max).milliseconds == .max)
        #expect(Duration.seconds(Int64.min).milliseconds == .min)
    }

    @Test("each millisecond of a time survives its text")
    func times() {
        #expect(Timestamp(milliseconds: 0).description == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: 951_782_400_000).description == "2000-02-29T00:00:00.000Z")
        for milliseconds in Int64(1_764_000_000_000)..<1_764_000_002_000 {
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(time.description) == time)
        }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let time = Timestamp(milliseconds: .random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
            #expect(Timestamp(time.description) == time)
        }
    }

    @Test(
        "ISO 8601 is read with fractions and offsets",
        arguments: [
            ("2026-12-01T08:00:00Z", 1_796_112_000_000), ("2026-12-01T10:00:00+02:00", 1_796_112_000_000),
            ("2026-12-01T03:30:00-0430", 1_796_112_000_000), ("2026-12-01T10:00:00+02", 1_796_112_000_000),
            ("2026-12-01T08:00:00.5Z", 1_796_112_000_500), ("2026-12-01T08:00:00.123999Z", 1_796_112_000_123),
            ("2026-12-01t08:00:00z", 1_796_112_000_000), ("1969-12-31T23:59:59.999Z", -1), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func readTimes(text: String, milliseconds: Int64) { #expect(Timestamp(text)?.milliseconds == milliseconds) }

    @Test(
        "times that no clock shows are refused",
        arguments: [
            "", "now", "2026-12-01", "2026-12-01T08:00:00", "2026-12-01 08:00:00Z", "2026-12-01T08:00:00Zjunk", "2026-02-30T08:00:00Z",
            "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T08:00:00Z", "2026-00-01T08:00:00Z", "2026-12-00T08:00:00Z",
            "2026-12-01T24:00:00Z", "2026-12-01T08:60:00Z", "2026-12-01T08:00:60Z", "2026-12-01T08:00:00.Z", "2026-12-01T08:00Z",
            "2026-12-01T08:00:00+2:00", "2026-12-01T08:00:00+25:00", "2026-12-01T08:00:00+02:0", "26-12-01T08:00:00Z", "+2026-12-01T08:00:00Z",
            " 2026-12-01T08:00:00Z", "2026-12-01T08:00:00ZZ",
        ])
    func noTimes(text: String) { #expect(Timestamp(text) == nil) }

    @Test("absurd times saturate instead of crashing, and what they are written as can be read")
    func absurdTimes() {
        for milliseconds in [Int64.min, .max, 253_402_300_800_000, -62_167_219_200_001] {
            #expect(Timestamp(Timestamp(milliseconds: milliseconds).description) != nil)
        }
        #expect(Timestamp(milliseconds: .max) + .seconds(1) == Timestamp(milliseconds: .max))
        #expect(Timestamp(milliseconds: 1500) - Timestamp(milliseconds: 500) == .seconds(1))
        #expect(Timestamp(milliseconds: 1) < Timestamp(milliseconds: 2))
    }

    @Test("names are 1 to 128 of A-Z a-z 0-9 . _ -")
    func names() {
        for name in ["a", "A.b_c-9", ".", "-", String(repeating: "x", count: 128)] { #expect(NameRule.allows(name)) }
        for name in ["", "a b", "a/b", "é", "a\n", "a\u{0}", "#", "*", "?", "→", String(repeating: "x", count: 129), "a\u{301}"] {
            #expect(!NameRule.allows(name))
        }
    }

    @Test("run ids sort by time, are unique, and are 26 characters of Crockford's alphabet in lower case")
    func runIDs() {
        var generator = SeededGenerator(seed: 1)
        var ids: [RunID] = []
        for milliseconds in stride(from: Int64(1_764_000_000_000), to: 1_764_000_005_000, by: 1) {
            ids.append(.generate(now: Timestamp(milliseconds: milliseconds), using: &generator))
        }
        #expect(ids == ids.sorted())
        let same = (0..<5000).map { _ in RunID.generate(now: Timestamp(milliseconds: 1_764_000_000_000), using: &generator) }
        #expect(Set(same).count == same.count)
        let alphabet = Set("0123456789abcdefghjkmnpqrstvwxyz")
        #expect((ids + same).allSatisfy { $0.rawValue.count == 26 && $0.rawValue.allSatisfy(alphabet.contains) })
        #expect(NameRule.allows(ids[0].rawValue))
        #expect(RunID.generate(now: Timestamp(milliseconds: 0), using: &generator) < ids[0])
    }

    @Test("an attempt's id reads back from its text")
    func attemptIDs() {
        for id in [
            AttemptID(run: "01abc", task: 0, number: 1), AttemptID(run: "r", task: Int(Int32.max), number: Int(Int32.max)),
            AttemptID(run: "r-é", task: 10, number: 20),
        ] {
            #expect(AttemptID(id.description) == id)
        }
        #expect(AttemptID(run: "01abc", task: 4, number: 2).description == "01abc.4.2")
    }

    @Test(
        "A3: a text that no attempt has as its id names none",
        arguments: [
            "", ".", "..", "r", "r.1", "r.1.", "r..1", ".1.1", "r.1.1.1", "r.1.1.", "r.-1.1", "r.1.0", "r.1.-1", "r.+1.1", "r.1.+1", "r.01.1",
            "r.1.01", "r.a.1", "r.1.a", "r. 1.1", "r.1.1 ", "r.2147483648.1", "r.1.2147483648", "r.1.99999999999999999999", "r.00.1",
        ])
    func noAttemptIDs(text: String) { #expect(AttemptID(text) == nil) }
}
