extension Evaluator {
    mutating func call(_ call: Node.Call, _ value: Value) throws(JMESPathError) -> Value {
        let signature = call.function.signature
        var arguments: [Value] = []
        for (position, argument) in call.arguments.enumerated() where signature[position] != .expression {
            let argument = try evaluate(argument, value)
            try check(argument, signature[position], call, position)
            arguments.append(argument)
        }
        return try apply(call, arguments)
    }

    /// `arguments` has the values; expressions are taken from the call.
    private mutating func apply(_ call: Node.Call, _ arguments: [Value]) throws(JMESPathError) -> Value {
        switch call.function {
        case .abs, .ceil, .floor, .avg, .sum: return try applyToNumbers(call, arguments[0])
        case .contains, .endsWith, .startsWith, .join, .length, .reverse: return try applyToText(call, arguments)
        case .max, .min, .sort, .maxBy, .minBy, .sortBy: return try applyOrder(call, arguments[0])
        case .map: return try map(call.arguments[0], arguments[0])
        case .keys, .values, .merge: return try applyToObjects(call.function, arguments)
        case .notNull, .toArray, .toNumber, .toString, .type: return try convert(call.function, arguments)
        }
    }

    private mutating func map(_ part: Node.ID, _ value: Value) throws(JMESPathError) -> Value {
        guard case .array(let items) = value else { return .null }
        var result: [Value] = []
        for item in items { result.append(try evaluate(part, item)) }
        return .array(result)
    }

    private mutating func check(
        _ value: Value, _ parameter: Function.Parameter, _ call: Node.Call, _ position: Int
    ) throws(JMESPathError) {
        var found = value.kind.article
        let fits: Bool
        switch (parameter, value) {
        case (.any, _), (.string, .string), (.array, .array), (.object, .object): fits = true
        case (.number, .integer), (.number, .number), (.arrayOrString, .string), (.arrayOrString, .array): fits = true
        case (.sized, .string), (.sized, .array), (.sized, .object): fits = true
        case (.numbers, .array(let items)), (.strings, .array(let items)), (.comparables, .array(let items)):
            try spend(items.count)
            let first = items.first?.kind
            let kind = parameter == .numbers ? Value.Kind.number : parameter == .strings ? .string : first == .string ? .string : .number
            let stray = items.firstIndex { $0.kind != kind }
            if let stray { found = "an array whose item \(stray) is \(items[stray].kind.article)" }
            fits = stray == nil
        default: fits = false
        }
        guard !fits else { return }
        throw invalidType(call, "takes \(parameter.rawValue) as argument \(position + 1), but is given \(found)", isNull: value.isNull)
    }

    func invalidType(_ call: Node.Call, _ message: String, isNull: Bool = false) -> JMESPathError {
        let remedy = isNull ? "; for a field that may be absent, give a default with '||'" : ""
        return JMESPathError(.invalidType, "\(call.function.rawValue) \(message)\(remedy)", at: call.offset)
    }
}

extension Value.Kind {
    /// How it is called in a message.
    var article: String {
        switch self {
        case .null: "null"
        case .array, .object: "an \(rawValue)"
        case .boolean, .number, .string: "a \(rawValue)"
        }
    }
}
