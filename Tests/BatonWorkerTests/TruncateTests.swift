import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite("core.truncate", .timeLimit(.minutes(1)))
struct TruncateTests {
    private func cut(_ text: String, to limit: Int) throws -> String {
        let result = try Truncate.cut(JSON(parsing: text), to: limit)
        #expect(result.bytes.count <= limit)
        #expect(try JSON(parsing: result.bytes) == result)
        return result.description
    }

    @Test("B9: what fits is returned as it came")
    func fits() throws {
        let text = #"{"b":1.50,"a":"\u00e9","b":[]}"#
        #expect(try cut(text, to: text.utf8.count) == text)
    }

    @Test("B9: the longest strings are cut first, to one length, and marked", arguments: [
        (#"{"a":"0123456789","b":"01234","c":{"d":["0123456789ab"]}}"#, 54, #"{"a":"012345…","b":"01234","c":{"d":["012345…"]}}"#),
        (#"{"a":"0123456789","b":"01234","c":{"d":["0123456789ab"]}}"#, 47, #"{"a":"012…","b":"01234","c":{"d":["012…"]}}"#),
        (#"{"a":"0123456789","b":"01234","c":{"d":["0123456789ab"]}}"#, 40, #"{"a":"…","b":"…","c":{"d":["…"]}}"#),
        (#"{"n":1.50,"s":"ééééé"}"#, 23, #"{"n":1.50,"s":"é…"}"#),
        (#"{"s":"👨‍👩‍👧👨‍👩‍👧"}"#, 30, #"{"s":"👨‍👩‍👧…"}"#), (#"{"s":"👨‍👩‍👧👨‍👩‍👧"}"#, 28, #"{"s":"…"}"#),
        (#"{"s":"\n\"\n\"\n\"abcdefghijklmno"}"#, 24, #"{"s":"\u000a\"…"}"#),
    ])
    func strings(text: String, limit: Int, expected: String) throws {
        #expect(try cut(text, to: limit) == expected)
    }

    @Test("B9: where strings aren't what is large, the large values lose their ends and the small ones stay", arguments: [
        (#"{"list":[1,2,3,4,5,6,7,8,9],"small":{"a":"hello"},"n":5}"#, 52, #"{"list":[1,2,3,4,5,6],"small":{"a":"hello"},"n":5}"#),
        (#"{"a":[[1,2,3],[4,5,6],[7,8,9]]}"#, 20, #"{"a":[[1,2,3]]}"#),
        (#"{"a":[[1,2,3],[4,5,6],[7,8,9]]}"#, 22, #"{"a":[[1,2,3],[4]]}"#),
        (#"{"aaaaaaaaaaaaaaaaaaaa":1,"b":2}"#, 10, #"{"b":2}"#), (#"{"a":123456789}"#, 14, "{}"), (#"{"a":1}"#, 2, "{}"),
    ])
    func structure(text: String, limit: Int, expected: String) throws {
        #expect(try cut(text, to: limit) == expected)
    }

    @Test("B9: whatever the context and the limit, the result is an object within it, the same each time", arguments: 0..<60)
    func anything(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var fields: [String: JSONValue] = [:]
        for index in 0..<Int.random(in: 1...8, using: &generator) {
            fields["\(index)" + Self.text(&generator)] = Self.value(depth: 3, &generator)
        }
        let json = JSON(.object(fields))
        for limit in [2, 3, 10, json.bytes.count / 4, json.bytes.count / 2, json.bytes.count - 1] where limit >= 2 {
            let result = try Truncate.cut(json, to: limit)
            #expect(result.bytes.count <= limit)
            #expect(try JSON(parsing: result.bytes).isObject)
            #expect(try Truncate.cut(json, to: limit) == result)
        }
    }

    private static func text(_ generator: inout SplitMix) -> String {
        let alphabet = Array("abc \"\\\n\u{1}éあ👍🏽")
        return String((0..<Int.random(in: 0...40, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
    }

    private static func value(depth: Int, _ generator: inout SplitMix) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
        case 0: .string(text(&generator))
        case 1: .integer(Int64.random(in: .min ... .max, using: &generator))
        case 2: .bool(true)
        case 3: .null
        case 4: .array((0..<Int.random(in: 0...6, using: &generator)).map { _ in value(depth: depth - 1, &generator) })
        default:
            .object(
                Dictionary(
                    (0..<Int.random(in: 0...6, using: &generator)).map { _ in (text(&generator), value(depth: depth - 1, &generator)) },
                    uniquingKeysWith: { $1 }))
        }
    }

    @Test("a large context is cut in time that grows with its size alone")
    func large() throws {
        let row = #"{"id":12345,"text":"\#(String(repeating: "x", count: 100))"}"#
        let text = #"{"rows":["# + Array(repeating: row, count: 20_000).joined(separator: ",") + "]}"
        let result = try Truncate.cut(JSON(parsing: text), to: 10_000)
        #expect((9000...10_000).contains(result.bytes.count))
        let deep = String(repeating: #"{"a":["#, count: 110) + "1" + String(repeating: "]}", count: 110)
        _ = try cut(deep, to: 50)
    }

    @Test("B9: as a handler it returns the cut context, and names what is wrong with its inputs")
    func handler() async throws {
        try await withWorker { (harness: Harness) async throws in
            let good = harness.submit(0, "core.truncate", ["context": ["a": .string(String(repeating: "x", count: 1000))], "limit": 20])
            #expect(try await harness.outcome(good) == .completed(result: JSON(["a": "xxxxxxxxx…"])))
            let bad: [(JSONValue?, String)] = [
                (nil, "limit"), (["context": [:], "limit": 1], "limit"), (["context": [:], "limit": 262_145], "limit"),
                (["context": [:], "limit": "9"], "limit"), (["context": [1], "limit": 9], "context"), (["limit": 9], "context"),
            ]
            for (index, (inputs, field)) in bad.enumerated() {
                let error = try await harness.failure(harness.submit(index + 1, "core.truncate", inputs))
                #expect(error.type == "invalidInputs")
                #expect(error.retryable == false)
                #expect(error.message.contains(field))
            }
        }
    }
}
