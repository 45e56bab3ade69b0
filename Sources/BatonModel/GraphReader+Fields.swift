/// Fields of one type, and what is said where they are of another.
extension GraphReader {
    /// Reads an object's fields one by one. The body says of each whether it knows it.
    ///
    /// - Returns: the names that were there; `nil` where this is no object, which has been reported.
    mutating func object(
        _ path: String, _ json: inout JSONReader, known: [String],
        _ field: (inout GraphReader, _ name: String, _ place: String, inout JSONReader) throws(JSONError) -> Bool
    ) throws(JSONError) -> Set<String>? {
        guard try json.peek() == .object else {
            problems.add(path, "must be an object with \(known.joined(separator: ", "))")
            try json.skipValue()
            return nil
        }
        var seen: Set<String> = []
        try json.readObject { (name, json) throws(JSONError) in
            guard once(name, &seen, path) else { return try json.skipValue() }
            if try !field(&self, name, Self.join(path, name), &json) { try unknown(name, path, &json, known: known) }
        }
        return seen
    }

    /// Reads a list's items one by one, each with its place.
    mutating func list(
        _ path: String, _ json: inout JSONReader, of what: String,
        _ item: (inout GraphReader, _ place: String, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try json.peek() == .array else { return try wrongType(path, "a list of \(what)", &json) }
        var index = 0
        try json.readArray { (json) throws(JSONError) in
            try item(&self, "\(path)[\(index)]", &json)
            index += 1
        }
    }

    mutating func once(_ name: String, _ seen: inout Set<String>, _ path: String) -> Bool {
        guard seen.insert(name).inserted else {
            problems.add(Self.join(path, name), "is given twice")
            return false
        }
        return true
    }

    mutating func unknown(_ name: String, _ path: String, _ json: inout JSONReader, known: [String]) throws(JSONError) {
        problems.add(Self.join(path, name), "is not a field this version knows: \(known.joined(separator: ", "))")
        try json.skipValue()
    }

    static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// A null counts as absent.
    mutating func payload(_ json: inout JSONReader) throws(JSONError) -> JSON? {
        let value = try json.readRaw()
        return value.isNull ? nil : value
    }

    mutating func wrongType(_ path: String, _ expected: String, _ json: inout JSONReader) throws(JSONError) {
        let found = try json.peek()
        problems.add(path, "must be \(expected), but is \(found == .null ? "null" : "a value of type \(found.rawValue)")")
        try json.skipValue()
    }

    mutating func string(_ path: String, _ json: inout JSONReader) throws(JSONError) -> String? {
        if try json.peek() == .string { return try json.readString() }
        try wrongType(path, "a text", &json)
        return nil
    }

    /// A text that is checked with the graph as a whole, once all ids are known.
    mutating func name(_ path: String, _ json: inout JSONReader) throws(JSONError) -> String {
        guard let text = try string(path, &json) else { return Self.unread }
        if text == Self.unread { problems.add(path, "'\(text)' is not a name: \(NameRule.explanation)") }
        return text
    }

    mutating func strings(_ path: String, _ json: inout JSONReader) throws(JSONError) -> [String] {
        guard try json.peek() == .array else {
            try wrongType(path, "a list of texts", &json)
            return []
        }
        var list: [String] = []
        var index = 0
        try json.readArray { (json) throws(JSONError) in
            if let text = try string("\(path)[\(index)]", &json) { list.append(text) }
            index += 1
        }
        return list
    }

    mutating func bool(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Bool? {
        if try json.peek() == .bool { return try json.readBool() }
        try wrongType(path, "true or false", &json)
        return nil
    }

    mutating func number(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Double? {
        if try json.peek() == .number { return Double(try json.readNumberText()) }
        try wrongType(path, "a number", &json)
        return nil
    }

    mutating func integer(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Int? {
        guard let value = try number(path, &json) else { return nil }
        if let integer = Int(exactly: value) { return integer }
        problems.add(path, "\(value) must be a whole number")
        return nil
    }

    mutating func integer(_ path: String, _ json: inout JSONReader, from least: Int, to most: Int) throws(JSONError) -> Int? {
        guard let value = try integer(path, &json) else { return nil }
        if (least...most).contains(value) { return value }
        problems.add(path, "\(value) must be from \(least) to \(most)")
        return nil
    }

    /// A text that has to be an expression.
    mutating func expression(_ path: String, _ json: inout JSONReader) throws(JSONError) -> String? {
        guard let text = try string(path, &json) else { return nil }
        if let problem = checks.expression(text) { problems.add(path, problem) }
        return text
    }

    mutating func duration(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Duration? {
        guard let text = try string(path, &json) else { return nil }
        if let duration = Duration(text: text) { return duration }
        problems.add(path, "'\(text)' is not \(Duration.textExplanation)")
        return nil
    }

    mutating func limit(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Duration? {
        guard let duration = try duration(path, &json) else { return nil }
        if duration > .zero { return duration }
        problems.add(path, "must be longer than 0")
        return nil
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ path: String, _ json: inout JSONReader, _ type: Choice.Type, _ remark: String? = nil
    ) throws(JSONError) -> Choice? {
        guard let text = try string(path, &json) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        problems.add(path, "'\(text)' is not one of \(known)" + (remark.map { " (\($0))" } ?? ""))
        return nil
    }
}
