extension Evaluator {
    mutating func applyToText(_ call: Node.Call, _ arguments: [Value]) throws(JMESPathError) -> Value {
        switch (call.function, arguments[0]) {
        case (.length, .string(let text)):
            try spend(Work.text(text))
            return .integer(Int64(text.unicodeScalars.count))
        case (.length, .array(let items)): return .integer(Int64(items.count))
        case (.length, .object(let fields)): return .integer(Int64(fields.count))
        case (.reverse, .string(let text)):
            try spend(Work.text(text))
            return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
        case (.reverse, .array(let items)):
            try spend(items.count)
            return .array(items.reversed())
        case (.contains, .array(let items)):
            for item in items {
                try spend(1)
                if try isEqual(item, arguments[1]) { return true }
            }
            return false
        case (.join, .string(let separator)): return try join(arguments[1], separator)
        case (_, .string(let text)): return try compareText(call.function, text, arguments[1])
        default: return .null
        }
    }

    private mutating func compareText(_ function: Function, _ text: String, _ other: Value) throws(JMESPathError) -> Value {
        // Only `contains` takes something else, and a string contains strings only.
        guard case .string(let part) = other else { return false }
        try spend(Work.text(text) + Work.text(part))
        switch function {
        case .startsWith: return .bool(text.utf8.starts(with: part.utf8))
        case .endsWith:
            return .bool(text.utf8.count >= part.utf8.count && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8))
        default: return .bool(text.containsCodePoints(part))
        }
    }

    private mutating func join(_ value: Value, _ separator: String) throws(JMESPathError) -> Value {
        guard case .array(let items) = value else { return .null }
        var bytes: [UInt8] = []
        for (position, item) in items.enumerated() {
            guard case .string(let text) = item else { continue }
            try spend(Work.text(text) + Work.text(separator))
            if position > 0 { bytes.append(contentsOf: separator.utf8) }
            bytes.append(contentsOf: text.utf8)
        }
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}
