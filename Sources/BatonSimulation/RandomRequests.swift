import BatonModel
import BatonWire

/// What people and programs ask of the coordinator in the course of a simulation.
struct RandomRequests {
    private var dice: Dice
    private let settings: SimulationSettings
    /// Graphs that are not known to be accepted.
    private(set) var waiting: [Graph] = []
    private var unsent: [Graph] = []
    private var accepted: Set<String> = []
    private var sentAt: [String: Duration] = [:]

    init(_ dice: Dice, _ settings: SimulationSettings) {
        self.dice = dice
        self.settings = settings
        for number in 0..<settings.graphs {
            var generator = RandomGraph(self.dice.split(), atMost: settings.tasks)
            unsent.append(generator.make(number))
        }
    }

    var hasUnsent: Bool { !unsent.isEmpty }
    var isDone: Bool { unsent.isEmpty && waiting.isEmpty }

    mutating func next() -> Graph? {
        guard !unsent.isEmpty else { return nil }
        let graph = unsent.removeFirst()
        waiting.append(graph)
        return graph
    }

    /// A producer that has heard nothing asks again.
    mutating func again(_ now: Duration, isEager: Bool) -> Graph? {
        for graph in waiting {
            let key = graph.key ?? ""
            guard let sent = sentAt[key] else { return graph }
            if isEager || now - sent > .seconds(20) { return graph }
        }
        return nil
    }

    mutating func sent(_ graph: Graph, _ now: Duration) { sentAt[graph.key ?? ""] = now }

    mutating func accepted(_ key: String?) {
        accepted.insert(key ?? "")
        waiting.removeAll { $0.key == key }
    }

    mutating func coordinatorDied() {}
}
