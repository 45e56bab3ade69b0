extension Evaluator {
    /// `sort`, `min`, `max`, and the same by a key.
    mutating func applyOrder(_ call: Node.Call, _ value: Value) throws(JMESPathError) -> Value {
        guard case .array(let items) = value else { return .null }
        let keys = try self.keys(of: items, call)
        switch call.function {
        case .sort, .sortBy: return .array(try sortedPlaces(keys).map { items[$0] })
        default: return try extreme(keys, isMaximum: call.function == .max || call.function == .maxBy).map { items[$0] } ?? .null
        }
    }

    /// What the items are ordered by: numbers only, or strings only.
    private mutating func keys(of items: [Value], _ call: Node.Call) throws(JMESPathError) -> [Value] {
        guard call.arguments.count > 1 else { return items }
        var keys: [Value] = []
        keys.reserveCapacity(items.count)
        for (position, item) in items.enumerated() {
            let key = try evaluate(call.arguments[1], item)
            let first = keys.first?.kind ?? key.kind
            guard key.kind == .number || key.kind == .string else {
                throw invalidType(
                    call, "needs a number or a string for each item, but item \(position) gives \(key.kind.article)", isNull: key.isNull)
            }
            guard key.kind == first else {
                throw invalidType(
                    call, "needs keys of one type, but item 0 gives \(first.article) and item \(position) \(key.kind.article)")
            }
            keys.append(key)
        }
        return keys
    }

    /// The places of the keys in ascending order; equal ones stay in their order (a merge sort, bottom up).
    private mutating func sortedPlaces(_ keys: [Value]) throws(JMESPathError) -> [Int] {
        try spend(keys.count)
        var places = Array(keys.indices)
        var merged = places
        var width = 1
        while width < places.count {
            for start in stride(from: 0, to: places.count, by: 2 * width) {
                let middle = min(start + width, places.count)
                let end = min(start + 2 * width, places.count)
                var (left, right) = (start, middle)
                for target in start..<end {
                    let takesRight: Bool
                    if left < middle && right < end {
                        takesRight = try precedes(keys[places[right]], keys[places[left]])
                    } else {
                        takesRight = left == middle
                    }
                    merged[target] = places[takesRight ? right : left]
                    if takesRight { right += 1 } else { left += 1 }
                }
            }
            swap(&places, &merged)
            width *= 2
        }
        return places
    }

    /// The place of the first of the largest or smallest keys.
    private mutating func extreme(_ keys: [Value], isMaximum: Bool) throws(JMESPathError) -> Int? {
        guard var best = keys.indices.first else { return nil }
        for place in keys.indices.dropFirst() {
            let isBetter = isMaximum ? try precedes(keys[best], keys[place]) : try precedes(keys[place], keys[best])
            if isBetter { best = place }
        }
        return best
    }

    private mutating func precedes(_ left: Value, _ right: Value) throws(JMESPathError) -> Bool {
        try spend(1)
        return try isLess(left, right) ?? false
    }
}
