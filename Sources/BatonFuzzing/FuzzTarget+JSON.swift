import BatonModel
import JMESPath
import JSONSchema

extension FuzzTarget {
    /// Three readers of JSON are in use: of messages and documents, of expressions, of schemas. What one of them takes for JSON, the
    /// others must.
    static let json = FuzzTarget("json", "payloads: JSON as text, as a value, laid out; the three readers against one another", tokens: Tokens.json) { bytes in
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes)
        } catch {
            try expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty, "an error without a place: \(error)")
            guard !error.message.contains("nested deeper") else { return }
            try expect((try? Value(json: bytes)) == nil, "expressions read what is refused elsewhere: \(error)")
            try expect((try? anything.validate(bytes)) == nil, "schemas read what is refused elsewhere: \(error)")
            return
        }
        let again = try succeeds("what was read can't be read again") { try JSON(parsing: json.bytes) }
        try expectEqual(again, json, "reading again changes it")
        let laidOut = try succeeds("it can't be read once laid out") { try JSON(parsing: json.laidOut) }
        try expectEqual(laidOut, json, "laying it out changes it")
        let rewritten = JSON(json.value)
        let value = try succeeds("its value can't be read again") { try JSON(parsing: rewritten.bytes) }.value
        try expectEqual(JSON(value), rewritten, "writing its value changes it")
        try expect((json.fields != nil) == json.isObject, "an object has no fields")
        do {
            let other = try Value(json: bytes)
            let written = try succeeds("what expressions write can't be read") { try JSON(parsing: other.json) }
            try expectEqual(JSON(written.value), rewritten, "expressions see another value")
        } catch let error as Value.ParseError {
            try expect(error.message.contains("too large"), "expressions refuse it: \(error)")
        }
    }

    private static let anything: Schema = {
        guard let schema = try? Schema(Array("true".utf8)) else { preconditionFailure("'true' is a schema") }
        return schema
    }()

    static let items = FuzzTarget("items", "what loops run over: CSV and lines", tokens: Tokens.items) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        for source in [Loop.Source.csv(text), .lines(text)] {
            guard let items = try itemsOrRefusal(source) else { continue }
            try expect(items.count <= bytes.count + 1, "more items than bytes")
            for item in items { _ = try succeeds("an item is not JSON") { try JSON(parsing: item.bytes) } }
            try expectEqual(try itemsOrRefusal(source) ?? [], items, "the same text gives other items")
        }
    }
}
