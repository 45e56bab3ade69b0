import JMESPath
import Testing

@Suite("Indexes and slices", .timeLimit(.minutes(1)))
struct IndexTests {
    @Test(
        "an index counts from the start, or from the end when negative",
        arguments: [
            Case("[0]", on: "[1,2,3]", gives: "1"),
            Case("[2]", on: "[1,2,3]", gives: "3"),
            Case("[3]", on: "[1,2,3]", gives: "null"),
            Case("[-1]", on: "[1,2,3]", gives: "3"),
            Case("[-3]", on: "[1,2,3]", gives: "1"),
            Case("[-4]", on: "[1,2,3]", gives: "null"),
            Case("[-0]", on: "[1,2,3]", gives: "1"),
            Case("[007]", on: "[1,2,3]", gives: "null"),
            Case("[0]", on: "[]", gives: "null"),
            Case("[99999999999999999999]", on: "[1]", gives: "null"),
            Case("[-99999999999999999999]", on: "[1]", gives: "null"),
            Case("[9223372036854775807]", on: "[1]", gives: "null"),
            Case("[-9223372036854775808]", on: "[1]", gives: "null"),
            Case("a[1][0].b", on: #"{"a":[0,[{"b":1}]]}"#, gives: "1"),
            Case("[0]", on: #"{"0":1}"#, gives: "null"),
            Case("[0]", on: #""text""#, gives: "null"),
            Case("a[0][0]", on: #"{"a":[1]}"#, gives: "null"),
        ])
    func index(_ test: Case) throws { try test.check() }

    @Test(
        "a slice takes from start up to, not with, stop",
        arguments: [
            Case("[1:3]", on: "[0,1,2,3,4]", gives: "[1,2]"),
            Case("[:2]", on: "[0,1,2,3,4]", gives: "[0,1]"),
            Case("[3:]", on: "[0,1,2,3,4]", gives: "[3,4]"),
            Case("[:]", on: "[0,1]", gives: "[0,1]"),
            Case("[::]", on: "[0,1]", gives: "[0,1]"),
            Case("[::2]", on: "[0,1,2,3,4]", gives: "[0,2,4]"),
            Case("[1::2]", on: "[0,1,2,3,4]", gives: "[1,3]"),
            Case("[::-1]", on: "[0,1,2]", gives: "[2,1,0]"),
            Case("[-2:]", on: "[0,1,2,3]", gives: "[2,3]"),
            Case("[:-2]", on: "[0,1,2,3]", gives: "[0,1]"),
            Case("[-3:-1]", on: "[0,1,2,3]", gives: "[1,2]"),
            Case("[3:1]", on: "[0,1,2,3]", gives: "[]"),
            Case("[3:1:-1]", on: "[0,1,2,3]", gives: "[3,2]"),
            Case("[-1:0:-1]", on: "[0,1,2,3]", gives: "[3,2,1]"),
            Case("[:1:-1]", on: "[0,1,2,3]", gives: "[3,2]"),
            Case("[1::-1]", on: "[0,1,2,3]", gives: "[1,0]"),
            Case("[:-99:-1]", on: "[0,1]", gives: "[1,0]"),
            Case("[99::-2]", on: "[0,1,2,3]", gives: "[3,1]"),
            Case("[-99:99]", on: "[0,1]", gives: "[0,1]"),
            Case("[5:9]", on: "[0,1]", gives: "[]"),
            Case("[::99]", on: "[0,1]", gives: "[0]"),
            Case("[::-99]", on: "[0,1]", gives: "[1]"),
            Case("[:]", on: "[]", gives: "[]"),
            Case("[::-1]", on: "[]", gives: "[]"),
            Case("[:]", on: #""text""#, gives: "null"),
            Case("[:]", on: #"{"a":1}"#, gives: "null"),
            Case("[:2].a", on: #"[{"a":1},{"b":2},{"a":3}]"#, gives: "[1]"),
            Case("[:2][0]", on: "[[1],[2],[3]]", gives: "[1,2]"),
        ])
    func slice(_ test: Case) throws { try test.check() }

    @Test(
        "extreme bounds and steps neither trap nor loop",
        arguments: ["9223372036854775807", "-9223372036854775808", "99999999999999999999", "-99999999999999999999"])
    func extremes(number: String) throws {
        let isNegative = number.hasPrefix("-")
        #expect(try search("[\(number):]", "[0,1,2]") == (isNegative ? [0, 1, 2] : []))
        #expect(try search("[:\(number)]", "[0,1,2]") == (isNegative ? [] : [0, 1, 2]))
        #expect(try search("[::\(number)]", "[0,1,2]") == (isNegative ? [2] : [0]))
        #expect(try search("[\(number):\(number):\(number)]", "[0,1,2]") == [])
        #expect(try search("[\(number)::-1]", "[0,1,2]") == (isNegative ? [] : [2, 1, 0]))
        #expect(try search("[1:\(number):\(number)]", "[0,1,2]") == [1])
    }

    @Test("a step of 0 is an invalid value, found when compiling")
    func zeroStep() {
        for text in ["[::0]", "a[8:2:0]", "a[?b[::0]]", "[0:0:-0]"] {
            #expect(failure(text)?.code == .invalidValue, "\(text)")
        }
    }
}
