import Testing

@testable import BatonModel

@Suite("C4: routes that lead back", .timeLimit(.minutes(1)))
struct C4BackRoutes {
    private func task(_ id: String, after: [String] = [], to targets: [String] = []) -> TaskSpec {
        var rules = TaskRules()
        if !targets.isEmpty { rules.routing = Routing(targets.map { Routing.Route("to \($0)", to: [TaskID($0)]) }) }
        return TaskSpec(id: TaskID(id), handler: "h", dependencies: after.map { Dependency(TaskID($0)) }, rules: rules)
    }

    /// As `decision→target`.
    private func back(_ tasks: TaskSpec...) -> Set<String> {
        let edges = Graph(name: "g", tasks: tasks).backRoutes()
        return Set(edges.map { "\(tasks[$0.decision].id)→\(tasks[$0.target].id)" })
    }

    @Test("a review that sends a draft back leads back to the draft, and on to what follows")
    func review() {
        #expect(back(task("draft"), task("review", after: ["draft"], to: ["draft", "publish"]), task("publish")) == ["review→draft"])
        #expect(back(task("review", after: ["draft"], to: ["draft", "publish"]), task("publish"), task("draft")) == ["review→draft"])
    }

    @Test("routes without a circle lead on, wherever their targets stand in the document")
    func onwards() {
        #expect(back(task("c"), task("b", to: ["c"]), task("a", to: ["b", "c"])) == [])
        #expect(back(task("a"), task("b", after: ["a"])) == [])
        #expect(back(task("a", to: ["nowhere"])) == [])
    }

    @Test("a task that routes to itself leads back")
    func itself() {
        #expect(back(task("a", to: ["a", "b"]), task("b")) == ["a→a"])
    }

    @Test("a circle begins where it is entered from outside")
    func entered() {
        // Made of routes only: a → b → c → a, entered at b.
        #expect(back(task("a", to: ["b"]), task("b", to: ["c"]), task("c", to: ["a"]), task("start", to: ["b"])) == ["a→b"])
        #expect(back(task("a", to: ["b"]), task("b", after: ["start"], to: ["c"]), task("c", to: ["a"]), task("start")) == ["a→b"])
    }

    @Test("a circle that nothing enters begins at its first task of the document")
    func first() {
        #expect(back(task("a", to: ["b"]), task("b", to: ["c"]), task("c", to: ["a"])) == ["c→a"])
        #expect(back(task("c", to: ["a"]), task("a", to: ["b"]), task("b", to: ["c"])) == ["b→c"])
    }

    @Test("a long way back is one: the tasks between run again too")
    func far() {
        #expect(
            back(task("plan"), task("write", after: ["plan"]), task("test", after: ["write"], to: ["write", "ship"]),
                task("ship", to: ["plan", "done"]), task("done")) == ["test→write", "ship→plan"])
    }

    @Test("two circles are opened each on its own")
    func two() {
        #expect(back(task("a"), task("b", after: ["a"], to: ["a", "c"]), task("c"), task("d", after: ["c"], to: ["c"])) == ["b→a", "d→c"])
    }

    private func random(_ seed: Int) -> [TaskSpec] {
        var random = RandomGraph(seed: UInt64(seed))
        let count = random.number(1...12)
        let order = Array(0..<count).shuffled(using: &random.generator)
        return (0..<count).map { index in
            let after = (0..<count).filter { order[$0] < order[index] && random.chance(0.15) }
            let targets = (0..<count).filter { _ in random.chance(0.15) }
            return task("t\(index)", after: after.map { "t\($0)" }, to: targets.map { "t\($0)" })
        }
    }

    private func edges(_ tasks: [TaskSpec], without back: Set<RouteEdge>) -> [[Int]] {
        var next = [[Int]](repeating: [], count: tasks.count)
        let number = { (id: TaskID) in Int(id.rawValue.dropFirst()) ?? 0 }
        for (index, task) in tasks.enumerated() {
            for dependency in task.dependencies { next[number(dependency.task)].append(index) }
            for target in (task.rules.routing?.routes ?? []).flatMap(\.targets) where !back.contains(RouteEdge(decision: index, target: number(target))) {
                next[index].append(number(target))
            }
        }
        return next
    }

    private func reaches(_ next: [[Int]], _ start: Int, _ end: Int) -> Bool {
        var seen: Set<Int> = [start]
        var waiting = [start]
        while let task = waiting.popLast() {
            if task == end { return true }
            for other in next[task] where seen.insert(other).inserted { waiting.append(other) }
        }
        return false
    }

    @Test("without the routes that lead back, no graph has a circle; and only routes on a circle lead back")
    func opened() throws {
        var found = 0
        for seed in 0..<3000 {
            let tasks = random(seed)
            let back = Graph(name: "g", tasks: tasks).backRoutes()
            found += back.count
            let left = edges(tasks, without: back)
            for (task, targets) in left.enumerated() {
                for target in targets { try #require(!reaches(left, target, task), "seed \(seed): t\(task) → t\(target) is on a circle") }
            }
            let all = edges(tasks, without: [])
            for edge in back { try #require(reaches(all, edge.target, edge.decision), "seed \(seed): t\(edge.decision) → t\(edge.target)") }
            try #require(Graph(name: "g", tasks: tasks).backRoutes() == back)
        }
        #expect(found > 1000)
    }

    @Test("the work grows with the size, not with its square: sixteen times the tasks take far less than 256 times as long")
    func linear() {
        func many(_ count: Int) -> Graph {
            var tasks = (0..<count).map { index in
                task("t\(index)", after: index == 0 ? [] : ["t\(index - 1)"], to: index % 10 == 9 ? ["t\(index - 9)"] : [])
            }
            // One decision that can send everything back makes one circle of all.
            tasks.append(task("last", after: ["t\(count - 1)"], to: (0..<count).map { "t\($0)" }))
            return Graph(name: "g", tasks: tasks)
        }
        func time(_ graph: Graph, _ expected: Int) -> Double {
            (0..<3).map { _ in
                var found = 0
                let time = ContinuousClock().measure { found = graph.backRoutes().count }
                #expect(found == expected)
                return time / .nanoseconds(1)
            }.min() ?? 0
        }
        let small = time(many(6250), 6250 + 625)
        let large = time(many(100_000), 100_000 + 10_000)
        #expect(large < small * 100, "\(large / small)")
    }
}
