import Foundation
import Testing

@testable import BatonModel

@Suite("JSON values and writing", .timeLimit(.minutes(1)))
struct JSONValueTests {
    static let value: JSONValue = [
        "null": nil, "bool": true, "integer": -7, "number": 0.5, "text": "a\"\\\n\u{1}é😀", "array": [1, [], [:]], "object": ["k": "v"],
    ]

    @Test("a value is the same after writing and reading it, by our reader and by Foundation")
    func roundTrip() throws {
        let json = JSON(Self.value)
        #expect(json.value == Self.value)
        #expect(try JSON(parsing: json.bytes) == json)
        #expect(try JSONDecoder().decode(JSONValue.self, from: Data(json.bytes)) == Self.value)
        #expect(try JSON(parsing: JSONEncoder().encode(Self.value)).value == Self.value)
        #expect(try json.decode(as: JSON.self) == json)
    }

    @Test("equal values give equal texts, whatever the order their fields came in")
    func order() throws {
        #expect(JSON(try JSON(parsing: #"{"b":1,"a":2}"#).value).description == #"{"a":2,"b":1}"#)
    }

    @Test("look-ups answer nil where there is nothing of the kind")
    func lookUps() {
        #expect(Self.value["text"]?.string == "a\"\\\n\u{1}é😀")
        #expect(Self.value["array"]?[0]?.int == 1)
        #expect(Self.value["array"]?[9] == nil)
        #expect(Self.value["array"]?[-1] == nil)
        #expect(Self.value["nothing"] == nil)
        #expect(JSONValue.string("x")["a"] == nil)
        #expect(JSONValue.number(2).int == 2)
        #expect(JSONValue.number(2.5).int == nil)
        #expect(JSONValue.number(.infinity).int == nil)
        #expect(JSONValue.integer(2).double == 2)
    }

    @Test("a number that JSON hasn't got is written as null, by either encoder")
    func numbersWithoutText() throws {
        #expect(JSON(.array([.number(.nan), .number(.infinity)])).description == "[null,null]")
        let huge = try JSON(parsing: "[1e999]")
        #expect(try String(decoding: JSONEncoder().encode(huge), as: UTF8.self) == "[null]")
    }

    @Test("an object's fields keep their order and their text")
    func fields() throws {
        let fields = try #require(try JSON(parsing: #"{"b": 1.0, "a": [ 1 ], "b": 2}"#).fields)
        #expect(fields.map(\.name) == ["b", "a", "b"])
        #expect(fields.map(\.value.description) == ["1.0", "[1]", "2"])
        #expect(try JSON(parsing: "[]").fields == nil)
        #expect(JSON.null.isNull && JSON.emptyObject.isObject)
    }

    @Test("Codable values go in and out; dates as ISO 8601")
    func codable() throws {
        struct Order: Codable, Equatable {
            var id: Int
            var place: String
            var at: Date
            var payload: JSON
        }
        let order = Order(id: 1, place: "a/b", at: Date(timeIntervalSince1970: 1_800_000_000), payload: JSON(["x": [1]]))
        let json = try JSON(encoding: order)
        #expect(json.description.contains("\"a/b\""))
        #expect(try json.decode(as: Order.self) == order)
        #expect(throws: DecodingError.self) { try JSON.emptyObject.decode(as: Order.self) }
        #expect(try JSON(encoding: 5).description == "5")
    }

    @Test("the writer puts commas and escapes where they belong, and leaves absent fields out")
    func writer() throws {
        var writer = JSONWriter()
        writer.object {
            $0.field("a\"", "x\u{1F}")
            $0.field("absent", nil as String?)
            $0.field("n", -5)
            $0.name("list")
            $0.array {
                $0.array { _ in }
                $0.write(JSONValue.number(2))
                $0.write(JSON.null)
                $0.object { _ in }
            }
            $0.field("raw", JSON.emptyObject)
        }
        #expect(writer.json.description == #"{"a\"":"x\u001f","n":-5,"list":[[],2,null,{}],"raw":{}}"#)
        #expect(try JSON(parsing: writer.bytes) == writer.json)
    }

    @Test("any double comes back as it was")
    func doubles() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            #expect(try JSON(parsing: JSON(.number(number)).bytes).value.double == number)
        }
    }

    @Test("minus zero is written as it is read")
    func minusZero() throws {
        let zero = JSON(.number(-0.0))
        #expect(zero.description == "-0.0")
        #expect(JSON(zero.value) == zero)
    }
}
