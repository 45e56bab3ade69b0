/// One evaluation: the tree, and the steps that are left.
struct Evaluator {
    let tree: Tree
    private(set) var steps: Int

    init(tree: Tree, steps: Int) {
        self.tree = tree
        self.steps = steps
    }

    mutating func spend(_ count: Int) throws(JMESPathError) {
        guard count <= steps else {
            steps = 0
            throw JMESPathError(.tooComplex, "the evaluation needs more steps than allowed; select less, or raise the limit of steps")
        }
        steps -= count
    }

    mutating func evaluate(_ id: Node.ID, _ value: Value) throws(JMESPathError) -> Value {
        try spend(1)
        switch tree[id] {
        case .current: return value
        case .literal(let literal): return literal
        case .field(let name): return try field(name, value)
        case .index(let place): return item(place, of: value)
        case .slice(let bounds): return try slice(value, bounds)
        case .flatten: return try flatten(value)
        case .chain(let parts): return try chain(parts, value)
        case .projection(let part): return try project(part, value)
        case .valueProjection(let part): return try projectValues(part, value)
        case .filter(let condition, let part): return try filter(condition, part, value)
        case .not(let part): return .bool(!(try evaluate(part, value)).isTruthy)
        case .all(let parts): return try first(of: parts, value, isTruthy: false)
        case .any(let parts): return try first(of: parts, value, isTruthy: true)
        case .comparison(let comparator, let left, let right): return try compare(comparator, left, right, value)
        case .list(let parts): return try list(parts, value)
        case .hash(let members): return try hash(members, value)
        case .call(let call): return try self.call(call, value)
        }
    }

    private mutating func field(_ name: String, _ value: Value) throws(JMESPathError) -> Value {
        guard case .object(let fields) = value else { return .null }
        try spend(Work.text(name))
        return fields[name] ?? .null
    }

    private mutating func chain(_ parts: [Node.ID], _ value: Value) throws(JMESPathError) -> Value {
        var value = value
        for part in parts { value = try evaluate(part, value) }
        return value
    }

    /// The first result that decides `||` or `&&`, otherwise the last.
    private mutating func first(of parts: [Node.ID], _ value: Value, isTruthy: Bool) throws(JMESPathError) -> Value {
        var result = Value.null
        for part in parts {
            result = try evaluate(part, value)
            if result.isTruthy == isTruthy { return result }
        }
        return result
    }

    private mutating func list(_ parts: [Node.ID], _ value: Value) throws(JMESPathError) -> Value {
        if value.isNull { return .null }
        var items: [Value] = []
        items.reserveCapacity(parts.count)
        for part in parts { items.append(try evaluate(part, value)) }
        return .array(items)
    }

    private mutating func hash(_ members: [Node.Member], _ value: Value) throws(JMESPathError) -> Value {
        if value.isNull { return .null }
        var fields = Value.Object()
        for member in members {
            try spend(Work.text(member.name))
            fields.set(member.name, to: try evaluate(member.value, value))
        }
        return .object(fields)
    }

    private mutating func compare(
        _ comparator: Comparator, _ left: Node.ID, _ right: Node.ID, _ value: Value
    ) throws(JMESPathError) -> Value {
        let left = try evaluate(left, value)
        let right = try evaluate(right, value)
        switch comparator {
        case .equal: return .bool(try isEqual(left, right))
        case .notEqual: return .bool(!(try isEqual(left, right)))
        case .less: return try isLess(left, right).map(Value.bool) ?? .null
        case .greater: return try isLess(right, left).map(Value.bool) ?? .null
        case .lessOrEqual: return try isLess(right, left).map { .bool(!$0) } ?? .null
        case .greaterOrEqual: return try isLess(left, right).map { .bool(!$0) } ?? .null
        }
    }

    mutating func isEqual(_ left: Value, _ right: Value) throws(JMESPathError) -> Bool {
        try Value.isEqual(left, right) { count throws(JMESPathError) in try spend(count) }
    }

    /// The order of two numbers or two strings; `nil` for everything else.
    mutating func isLess(_ left: Value, _ right: Value) throws(JMESPathError) -> Bool? {
        guard case .string(let left) = left, case .string(let right) = right else { return Value.isLess(left, right) }
        try spend(Work.bytes(min(left.utf8.count, right.utf8.count)))
        return left.precedesByCodePoints(right)
    }
}
