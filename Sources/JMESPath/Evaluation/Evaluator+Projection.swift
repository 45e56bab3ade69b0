extension Evaluator {
    func item(_ place: Int, of value: Value) -> Value {
        guard case .array(let items) = value else { return .null }
        let place = place < 0 ? place + items.count : place
        return items.indices.contains(place) ? items[place] : .null
    }

    mutating func slice(_ value: Value, _ bounds: Bounds) throws(JMESPathError) -> Value {
        guard case .array(let items) = value else { return .null }
        let places = bounds.places(count: items.count)
        try spend(places.underestimatedCount)
        return .array(places.map { items[$0] })
    }

    mutating func flatten(_ value: Value) throws(JMESPathError) -> Value {
        guard case .array(let items) = value else { return .null }
        var result: [Value] = []
        for item in items {
            if case .array(let inner) = item {
                try spend(inner.count + 1)
                result += inner
            } else {
                try spend(1)
                result.append(item)
            }
        }
        return .array(result)
    }

    mutating func project(_ part: Node.ID, _ value: Value) throws(JMESPathError) -> Value {
        guard case .array(let items) = value else { return .null }
        return try collect(part, items)
    }

    mutating func projectValues(_ part: Node.ID, _ value: Value) throws(JMESPathError) -> Value {
        guard case .object(let fields) = value else { return .null }
        try spend(fields.count)
        return try collect(part, fields.values)
    }

    private mutating func collect(_ part: Node.ID, _ items: [Value]) throws(JMESPathError) -> Value {
        var result: [Value] = []
        for item in items {
            let value = try evaluate(part, item)
            if !value.isNull { result.append(value) }
        }
        return .array(result)
    }

    mutating func filter(_ condition: Node.ID, _ part: Node.ID, _ value: Value) throws(JMESPathError) -> Value {
        guard case .array(let items) = value else { return .null }
        var result: [Value] = []
        for item in items where try evaluate(condition, item).isTruthy {
            let value = try evaluate(part, item)
            if !value.isNull { result.append(value) }
        }
        return .array(result)
    }

    /// Fails where a result, written out, would be larger than the steps left, or deeper than can be read again.
    ///
    /// Values within a result can be the same in memory, so that few steps can make one of any size.
    mutating func measure(_ result: Value) throws(JMESPathError) {
        var open = [(value: result, depth: 0)]
        while let (value, depth) = open.popLast() {
            try spend(1)
            switch value {
            case .null, .bool, .integer, .number: continue
            case .string(let text):
                try spend(Work.text(text))
                continue
            case .array, .object: break
            }
            guard depth < Value.maximumDepth else {
                throw JMESPathError(.tooComplex, "the result has more than \(Value.maximumDepth) levels of arrays and objects")
            }
            switch value {
            case .array(let items):
                try spend(items.count)
                for item in items { open.append((item, depth + 1)) }
            case .object(let fields):
                try spend(fields.count)
                for field in fields {
                    try spend(Work.text(field.name))
                    open.append((field.value, depth + 1))
                }
            default: break
            }
        }
    }
}
