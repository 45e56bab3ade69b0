extension Evaluator {
    mutating func convert(_ function: Function, _ arguments: [Value]) throws(JMESPathError) -> Value {
        let value = arguments[0]
        switch (function, value) {
        case (.notNull, _): return arguments.first { !$0.isNull } ?? .null
        case (.type, _): return .string(value.kind.rawValue)
        case (.toArray, .array), (.toString, .string), (.toNumber, .integer), (.toNumber, .number): return value
        case (.toArray, _): return .array([value])
        case (.toNumber, .string(let text)): return try number(text)
        case (.toString, _):
            var writer = JSONWriter()
            try writer.write(value) { count throws(JMESPathError) in try spend(count) }
            return .string(String(decoding: writer.bytes, as: UTF8.self))
        default: return .null
        }
    }

    /// The number that a text is, by JSON's grammar and without spaces; otherwise null.
    private mutating func number(_ text: String) throws(JMESPathError) -> Value {
        try spend(Work.text(text))
        var parser = JSONParser(Array(text.utf8))
        guard let number = try? parser.number(), parser.peek == nil else { return .null }
        return number
    }
}
