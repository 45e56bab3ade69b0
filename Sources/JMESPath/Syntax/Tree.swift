/// The parts of an expression, each after those it consists of. The last one added isn't always the root.
struct Tree: Sendable {
    private(set) var nodes: [Node] = []
    private var measures: [Measure] = []

    /// Whether evaluating can put one value into another, or into a result more than once.
    private(set) var builds = false

    /// What is known of a part before it is evaluated.
    private struct Measure {
        /// How many parts contain each other, at most.
        var height = 1
        /// How many levels deeper than its input a result can be.
        var added = 0
        /// How many levels a result that isn't made of the input can have.
        var reach = 0
    }

    /// How many parts may contain each other. Keeps evaluating within a stack of 512 KiB, optimised.
    static let maximumHeight = 256
    /// How many levels of arrays and objects an expression may put around its input.
    static let maximumAdded = 256

    subscript(id: Node.ID) -> Node { nodes[id] }

    mutating func add(_ node: Node) throws(JMESPathError) -> Node.ID {
        let measure = measure(node)
        try check(measure)
        switch node {
        case .list, .hash: builds = true
        case .call(let call) where call.function == .merge || call.function == .toArray: builds = true
        case .literal(.array), .literal(.object), .literal(.string): builds = true
        default: break
        }
        nodes.append(node)
        measures.append(measure)
        return nodes.count - 1
    }

    /// The part that applies `right` to the result of `left`. `left` isn't to be used for anything else.
    mutating func chain(_ left: Node.ID, _ right: Node.ID) throws(JMESPathError) -> Node.ID {
        if case .current = nodes[left] { return right }
        if case .current = nodes[right] { return left }
        var steps: [Node.ID] = []
        if case .chain(let right) = nodes[right] { steps = right } else { steps = [right] }
        return try extend(left, with: steps) { node in
            if case .chain(let steps) = node { steps } else { nil }
        } as: { .chain($0) }
    }

    /// The part for `left && right` or `left || right`.
    mutating func join(_ left: Node.ID, _ right: Node.ID, isAnd: Bool) throws(JMESPathError) -> Node.ID {
        try extend(left, with: [right]) { node in
            switch node {
            case .all(let parts) where isAnd: parts
            case .any(let parts) where !isAnd: parts
            default: nil
            }
        } as: { isAnd ? .all($0) : .any($0) }
    }

    /// Appends to `left` where it is a list of parts already, so that a long row of operators stays flat.
    private mutating func extend(
        _ left: Node.ID, with added: [Node.ID], parts: (Node) -> [Node.ID]?, as make: ([Node.ID]) -> Node
    ) throws(JMESPathError) -> Node.ID {
        guard var row = parts(nodes[left]) else { return try add(make([left] + added)) }
        // The node gives up its array first, so that appending doesn't copy it.
        nodes[left] = .current
        row += added
        let isChain: Bool
        nodes[left] = make(row)
        if case .chain = nodes[left] { isChain = true } else { isChain = false }
        for part in added {
            let part = measures[part]
            measures[left].height = max(measures[left].height, part.height + 1)
            measures[left].reach = max(part.reach, isChain ? measures[left].reach + part.added : measures[left].reach)
            measures[left].added = isChain ? measures[left].added + part.added : max(measures[left].added, part.added)
        }
        try check(measures[left])
        return left
    }

    private func check(_ measure: Measure) throws(JMESPathError) {
        guard measure.height <= Self.maximumHeight else {
            throw JMESPathError(.syntax, "nested too deeply: more than \(Self.maximumHeight) levels; split the expression")
        }
        guard measure.added + measure.reach <= Self.maximumAdded else {
            throw JMESPathError(.tooComplex, "wraps its result in more than \(Self.maximumAdded) levels of arrays and objects")
        }
    }

    private func measure(_ node: Node) -> Measure {
        switch node {
        case .current, .field, .index, .slice, .flatten: return Measure()
        case .literal(let value): return Measure(reach: value.depth)
        case .not(let part): return Measure(height: measures[part].height + 1)
        case .comparison(_, let left, let right): return Measure(height: max(measures[left].height, measures[right].height) + 1)
        case .all(let parts), .any(let parts): return widest(parts)
        case .list(let parts): return wrapped(widest(parts))
        case .hash(let members): return wrapped(widest(members.map(\.value)))
        case .projection(let part), .valueProjection(let part): return collected(widest([part]))
        case .filter(let condition, let part):
            var measure = collected(widest([part]))
            measure.height = max(measure.height, measures[condition].height + 1)
            return measure
        case .chain(let parts):
            return parts.reduce(Measure()) { chain, part in
                let part = measures[part]
                return Measure(
                    height: max(chain.height, part.height + 1), added: chain.added + part.added,
                    reach: max(part.reach, chain.reach + part.added))
            }
        case .call(let call): return measure(call)
        }
    }

    private func measure(_ call: Node.Call) -> Measure {
        let all = widest(call.arguments)
        switch call.function {
        case .toArray: return wrapped(all)
        case .map:
            let (item, array) = (measures[call.arguments[0]], measures[call.arguments[1]])
            return Measure(height: all.height, added: item.added + array.added, reach: max(item.reach + 1, array.reach + item.added))
        case .keys: return Measure(height: all.height, reach: 1)
        default: return all
        }
    }

    private func widest(_ parts: [Node.ID]) -> Measure {
        parts.reduce(Measure()) { widest, part in
            let part = measures[part]
            return Measure(
                height: max(widest.height, part.height + 1), added: max(widest.added, part.added), reach: max(widest.reach, part.reach))
        }
    }

    private func wrapped(_ measure: Measure) -> Measure {
        Measure(height: measure.height, added: measure.added + 1, reach: measure.reach + 1)
    }

    /// Items lose the level of their container and get one of the collection.
    private func collected(_ measure: Measure) -> Measure {
        Measure(height: measure.height, added: measure.added, reach: measure.reach + 1)
    }
}
