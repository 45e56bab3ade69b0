import BatonModel

/// Where tasks and their connections are drawn: in layers from left to right, each task to the right of all it depends on.
///
/// After Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures" (1981): layers by the
/// longest path, stations for long connections on the layers between, an order within each layer by barycentres in a few sweeps, then
/// heights as near to the neighbours' as the distances allow.
struct GraphLayout {
    struct Point: Hashable {
        var x: Double
        var y: Double
    }

    struct Box: Hashable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double
    }

    static let height = 52.0
    private static let gap = 18.0
    private static let stationGap = 10.0
    private static let layerGap = 72.0
    /// More stations than this aren't worth their time.
    private static let mostStations = 20_000
    private static let sweeps = 8

    private(set) var boxes: [Box] = []
    /// For each edge the points it goes through; empty where it isn't drawn.
    private(set) var paths: [[Point]] = []
    private(set) var width = 0.0
    private(set) var depth = 0.0

    /// An item of a layer: a task, or a station of a connection that passes by.
    private struct Item {
        var layer: Int
        var isTask: Bool
        var place = 0
        var y = 0.0
        var left: [Int] = []
        var right: [Int] = []
    }

    /// - Parameter widths: of the tasks' boxes.
    init(_ graph: RunGraph, widths: [Double]) {
        let wiring = Wiring(graph)
        var layer = [Int](repeating: 0, count: graph.nodes.count)
        var incoming = [[Int]](repeating: [], count: graph.nodes.count)
        for (edge, ends) in zip(graph.edges, wiring.ends) where edge.kind != .back {
            if let ends { incoming[ends.to].append(ends.from) }
        }
        for index in wiring.order { layer[index] = incoming[index].reduce(0) { max($0, layer[$1] + 1) } }
        var items = graph.nodes.indices.map { Item(layer: layer[$0], isTask: true) }
        let stations = Self.addStations(graph, wiring.ends, layer, &items)
        var layers = [[Int]](repeating: [], count: (layer.max() ?? 0) + 1)
        for (index, item) in items.enumerated() { layers[item.layer].append(index) }
        Self.arrange(&layers, &items)
        Self.settle(layers, &items)
        place(graph, layers, items, widths, layer)
        connect(graph, wiring.ends, stations, items, layer)
    }

    private static func addStations(
        _ graph: RunGraph, _ ends: [(from: Int, to: Int)?], _ layer: [Int], _ items: inout [Item]
    ) -> [[Int]] {
        var needed = 0
        for (edge, ends) in zip(graph.edges, ends) where edge.kind != .back {
            if let ends { needed += max(0, layer[ends.to] - layer[ends.from] - 1) }
        }
        var stations = [[Int]](repeating: [], count: graph.edges.count)
        for (number, edge) in graph.edges.enumerated() where edge.kind != .back {
            guard let (from, to) = ends[number], layer[to] > layer[from] else { continue }
            var last = from
            if needed <= mostStations {
                for between in (layer[from] + 1)..<layer[to] {
                    items.append(Item(layer: between, isTask: false))
                    let station = items.count - 1
                    items[last].right.append(station)
                    items[station].left.append(last)
                    stations[number].append(station)
                    last = station
                }
            }
            guard items[last].layer + 1 == layer[to] else { continue }
            items[last].right.append(to)
            items[to].left.append(last)
        }
        return stations
    }

    // MARK: - Order

    private static func arrange(_ layers: inout [[Int]], _ items: inout [Item]) {
        func number(_ layers: [[Int]]) { for layer in layers { for (place, item) in layer.enumerated() { items[item].place = place } } }
        number(layers)
        var best = layers
        var fewest = crossings(layers, items)
        for sweep in 0..<sweeps where fewest > 0 {
            let isForward = sweep % 2 == 0
            for index in isForward ? Array(layers.indices) : layers.indices.reversed() {
                let keyed = layers[index].map { item in
                    let neighbours = isForward ? items[item].left : items[item].right
                    let sum = neighbours.reduce(0) { $0 + items[$1].place }
                    return (key: neighbours.isEmpty ? Double(items[item].place) : Double(sum) / Double(neighbours.count), item: item)
                }
                let sorted = keyed.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
                layers[index] = sorted.map(\.element.item)
                for (place, item) in layers[index].enumerated() { items[item].place = place }
            }
            let count = crossings(layers, items)
            if count < fewest {
                fewest = count
                best = layers
            }
        }
        layers = best
        number(layers)
    }

    /// How many connections cross, counted by inversions in a Fenwick tree.
    private static func crossings(_ layers: [[Int]], _ items: [Item]) -> Int {
        var total = 0
        for (index, layer) in layers.enumerated().dropLast() {
            var tree = [Int](repeating: 0, count: layers[index + 1].count + 1)
            var inserted = 0
            for item in layer {
                let targets = items[item].right.map { items[$0].place }.sorted()
                for target in targets {
                    var position = target + 1
                    var notAfter = 0
                    while position > 0 {
                        notAfter += tree[position]
                        position -= position & -position
                    }
                    total += inserted - notAfter
                }
                for target in targets {
                    var position = target + 1
                    while position < tree.count {
                        tree[position] += 1
                        position += position & -position
                    }
                }
                inserted += targets.count
            }
        }
        return total
    }

    // MARK: - Heights

    private static func settle(_ layers: [[Int]], _ items: inout [Item]) {
        for layer in layers {
            var y = 0.0
            for (place, item) in layer.enumerated() {
                if place > 0 { y += distance(items[layer[place - 1]], items[item]) }
                items[item].y = y
            }
        }
        for sweep in 0..<sweeps {
            let isForward = sweep % 2 == 1
            for layer in isForward ? layers : layers.reversed() {
                let wanted = layer.map { item in
                    let neighbours = sweep == sweeps - 1 ? items[item].left + items[item].right : isForward ? items[item].left : items[item].right
                    if neighbours.isEmpty { return items[item].y }
                    return neighbours.reduce(0) { $0 + items[$1].y } / Double(neighbours.count)
                }
                for (item, y) in zip(layer, spread(wanted, layer.map { items[$0] })) { items[item].y = y }
            }
        }
    }

    private static func distance(_ above: Item, _ below: Item) -> Double {
        let own = { (item: Item) in item.isTask ? (height + gap) / 2 : stationGap / 2 }
        return own(above) + own(below)
    }

    /// The heights nearest to those wanted, by squares, that keep the distances and the order: pool adjacent violators.
    private static func spread(_ wanted: [Double], _ items: [Item]) -> [Double] {
        var offset = 0.0
        var offsets: [Double] = []
        var blocks: [(sum: Double, count: Double)] = []
        for (place, y) in wanted.enumerated() {
            if place > 0 { offset += distance(items[place - 1], items[place]) }
            offsets.append(offset)
            blocks.append((y - offset, 1))
            while blocks.count > 1, let last = blocks.last {
                let before = blocks[blocks.count - 2]
                guard before.sum / before.count > last.sum / last.count else { break }
                blocks.removeLast()
                blocks[blocks.count - 1] = (before.sum + last.sum, before.count + last.count)
            }
        }
        let bases = blocks.flatMap { block in Array(repeating: block.sum / block.count, count: Int(block.count)) }
        return zip(bases, offsets).map { $0 + $1 }
    }

    // MARK: - Places

    private var starts: [Double] = []
    private var ends: [Double] = []
    private var top = 0.0

    private mutating func place(_ graph: RunGraph, _ layers: [[Int]], _ items: [Item], _ widths: [Double], _ layer: [Int]) {
        top = items.map { $0.y - ($0.isTask ? Self.height / 2 : 0) }.min() ?? 0
        var x = 0.0
        for members in layers {
            let width = members.reduce(0) { $1 < widths.count ? max($0, widths[$1]) : $0 }
            starts.append(x)
            ends.append(x + width)
            x += width + Self.layerGap
        }
        width = max(0, x - Self.layerGap)
        boxes = graph.nodes.indices.map { index in
            Box(
                x: starts[layer[index]], y: items[index].y - top - Self.height / 2, width: ends[layer[index]] - starts[layer[index]],
                height: Self.height)
        }
        depth = items.map { $0.y - top + ($0.isTask ? Self.height / 2 : 0) }.max() ?? 0
    }

    private mutating func connect(
        _ graph: RunGraph, _ ends: [(from: Int, to: Int)?], _ stations: [[Int]], _ items: [Item], _ layer: [Int]
    ) {
        var backs = 0
        paths = graph.edges.enumerated().map { number, edge in
            guard let (from, to) = ends[number] else { return [] }
            let (source, target) = (boxes[from], boxes[to])
            if layer[to] <= layer[from] {
                // Round below everything.
                backs += 1
                let y = depth + 16 + Double(min(backs, 8)) * 8
                return [
                    Point(x: source.x + source.width / 2, y: source.y + source.height), Point(x: source.x + source.width / 2, y: y),
                    Point(x: target.x + target.width / 2, y: y), Point(x: target.x + target.width / 2, y: target.y + target.height),
                ]
            }
            var points = [Point(x: source.x + source.width, y: source.y + source.height / 2)]
            for station in stations[number] {
                let y = items[station].y - top
                points.append(Point(x: starts[items[station].layer], y: y))
                points.append(Point(x: self.ends[items[station].layer], y: y))
            }
            points.append(Point(x: target.x, y: target.y + target.height / 2))
            return points
        }
        if backs > 0 { depth += 24 + Double(min(backs, 8)) * 8 }
    }
}
