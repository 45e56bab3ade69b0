import BatonModel
import Testing

@Suite("JSON texts inside of values", .timeLimit(.minutes(1)))
struct JSONTextsTests {
    private struct View: Codable, Hashable {
        var name: String
        var payload: JSON?
        var list: [JSON]?
    }

    static let texts = [
        "123456789012345678901234567890", "1e400", "0.1000000000000000055511151231257827", "-0.0", #"{"a":[1.50,{"b":9007199254740993}]}"#,
        #""text with \" and baton-0-0-0""#, "null",
    ]

    @Test("A payload is written and read as the text it is, whatever its numbers", arguments: texts)
    func exact(text: String) throws {
        let payload = try JSON(parsing: text)
        let view = View(name: "\"0\"", payload: payload, list: [.null, payload])
        let written = JSONTexts.encode(view)
        #expect(written.description == #"{"list":[null,\#(text)],"name":"\"0\"","payload":\#(text)}"#)
        let read: View = try written.decodeExactly()
        #expect(read.list == view.list)
        if text != "null" { #expect(read.payload == payload) }
    }

    @Test("Laid out for people, every value is as it was", arguments: texts + ["{}", "[]", #"{"a":{},"b":[[],1],"c":"x,y:{}[]\\"}"#])
    func laidOut(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(try JSON(parsing: json.laidOut) == json)
    }

    @Test("The layout is one value a line")
    func layout() throws {
        #expect(try JSON(parsing: #"{"a":[1,{}],"b":"c"}"#).laidOut == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"c\"\n}")
    }
}
