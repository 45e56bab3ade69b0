public import BatonModel

extension RunGraph {
    /// The graph with tasks drawn as one that have the same place in it: the same handler, and before and behind them the same, all the
    /// way. A fan-out of ten thousand becomes one node that says how many of them stand where. Linear in tasks and connections, but for
    /// the sorting of each task's own.
    ///
    /// - Parameter limit: graphs of no more tasks stay as they are.
    public func collapsed(above limit: Int = 200) -> RunGraph {
        guard nodes.count > limit else { return self }
        let wiring = Wiring(self)
        let before = wiring.classes(upwards: true)
        let behind = wiring.classes(upwards: false)
        var groups: [Pair: [Int]] = [:]
        for index in nodes.indices { groups[Pair(before[index], behind[index]), default: []].append(index) }
        // Where few are alike, each is worth seeing.
        var leader = Array(nodes.indices)
        for members in groups.values where members.count > 3 {
            for member in members { leader[member] = members[0] }
        }
        var graph = self
        graph.nodes = nodes.indices.filter { leader[$0] == $0 }.map { index in
            let members = groups[Pair(before[index], behind[index])] ?? [index]
            return members.count > 3 ? Self.merged(members.map { nodes[$0] }) : nodes[index]
        }
        var seen: Set<Edge> = []
        graph.edges = []
        for (edge, ends) in zip(edges, wiring.ends) {
            guard let ends else { continue }
            var edge = edge
            if leader[ends.from] != ends.from || leader[ends.to] != ends.to {
                edge.label = edge.kind == .route ? edge.label : nil
                edge.taken = nil
            }
            edge.from = nodes[leader[ends.from]].id
            edge.to = nodes[leader[ends.to]].id
            if seen.insert(edge).inserted { graph.edges.append(edge) }
        }
        return graph
    }

    private struct Pair: Hashable {
        var before: Int
        var behind: Int
        init(_ before: Int, _ behind: Int) {
            self.before = before
            self.behind = behind
        }
    }

    private static func merged(_ members: [Node]) -> Node {
        var node = members[0]
        var counts: [String: Int] = [:]
        for member in members { counts[member.status.rawValue, default: 0] += 1 }
        node.count = members.count
        node.counts = counts
        node.status = TaskStatus.mostTelling.first { counts[$0.rawValue] != nil } ?? node.status
        node.attempts = members.reduce(0) { max($0, $1.attempts) }
        node.child = nil
        node.error = nil
        node.items = nil
        if members.contains(where: { $0.parent != node.parent }) { node.parent = nil }
        if members.contains(where: { $0.causedBy != node.causedBy }) { node.causedBy = nil }
        return node
    }
}

extension TaskStatus {
    /// By what somebody wants to see first of many.
    static let mostTelling: [TaskStatus] = [
        .failed, .retrying, .running, .queued, .scheduled, .pending, .cancelled, .skipped, .completed,
    ]
}

/// The connections of a graph by number.
struct Wiring {
    /// Of each edge; `nil` where it leads nowhere.
    let ends: [(from: Int, to: Int)?]
    /// In an order in which each comes after those it depends on. What is in a circle is missing.
    let order: [Int]
    private let graph: RunGraph
    private let incoming: [[Int]]
    private let outgoing: [[Int]]

    init(_ graph: RunGraph) {
        var indices: [TaskID: Int] = Dictionary(minimumCapacity: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() { indices[node.id] = index }
        var incoming = [[Int]](repeating: [], count: graph.nodes.count)
        var outgoing = incoming
        var ends: [(from: Int, to: Int)?] = []
        ends.reserveCapacity(graph.edges.count)
        for (number, edge) in graph.edges.enumerated() {
            guard let from = indices[edge.from], let to = indices[edge.to] else {
                ends.append(nil)
                continue
            }
            ends.append((from, to))
            outgoing[from].append(number)
            incoming[to].append(number)
        }
        self.graph = graph
        self.ends = ends
        self.incoming = incoming
        self.outgoing = outgoing
        order = Self.order(graph, ends, outgoing)
    }

    private static func order(_ graph: RunGraph, _ ends: [(from: Int, to: Int)?], _ outgoing: [[Int]]) -> [Int] {
        var open = [Int](repeating: 0, count: graph.nodes.count)
        for (edge, ends) in zip(graph.edges, ends) where edge.kind != .back { if let ends { open[ends.to] += 1 } }
        var order = graph.nodes.indices.filter { open[$0] == 0 }
        order.reserveCapacity(graph.nodes.count)
        var position = 0
        while position < order.count {
            for edge in outgoing[order[position]] where graph.edges[edge].kind != .back {
                guard let to = ends[edge]?.to else { continue }
                open[to] -= 1
                if open[to] == 0 { order.append(to) }
            }
            position += 1
        }
        return order
    }

    /// Gives tasks the same number that are alike, and have alike ones on that side, as many of each.
    func classes(upwards: Bool) -> [Int] {
        var numbers: [[Int]: Int] = [:]
        var names: [String: Int] = [:]
        func number(_ name: String) -> Int {
            if let known = names[name] { return known }
            names[name] = names.count
            return names.count - 1
        }
        var classes = [Int](repeating: -1, count: graph.nodes.count)
        for index in upwards ? order : order.reversed() {
            let node = graph.nodes[index]
            var neighbours: [[Int]] = []
            for edge in upwards ? incoming[index] : outgoing[index] {
                guard let ends = ends[edge] else { continue }
                let other = upwards ? ends.from : ends.to
                let connection = graph.edges[edge]
                neighbours.append([classes[other], number("\(connection.kind) \(connection.on?.rawValue ?? "")")])
            }
            neighbours.sort { ($0[0], $0[1]) < ($1[0], $1[1]) }
            var key = [number("\(node.handler) \(node.role?.rawValue ?? "") \(node.items != nil) \(node.critical)")]
            var position = 0
            while position < neighbours.count {
                var count = 1
                while position + count < neighbours.count, neighbours[position + count] == neighbours[position] { count += 1 }
                key += neighbours[position]
                key.append(count)
                position += count
            }
            // What a route leads back to, or from, is like nothing else.
            let isSpecial = incoming[index].contains { graph.edges[$0].kind == .back } || outgoing[index].contains { graph.edges[$0].kind == .back }
            if isSpecial { key += [-2, index] }
            classes[index] = numbers[key] ?? numbers.count
            numbers[key] = classes[index]
        }
        for index in classes.indices where classes[index] < 0 { classes[index] = -2 - index }
        return classes
    }
}
