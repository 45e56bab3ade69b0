import BatonEngine
package import BatonModel

extension FuzzTarget {
    static let graphJSON = FuzzTarget("graph-json", "graph documents in JSON: read, checked, prepared, begun, and worked on", tokens: Tokens.graph) { bytes in
        try check(bytes) { () throws(InvalidGraph) in try GraphReader.read(json: bytes, limits: limits, checks: .standard) }
    }

    static let graphYAML = FuzzTarget("graph-yaml", "graph documents in YAML, as above", tokens: Tokens.yaml) { bytes in
        try check(bytes) { () throws(InvalidGraph) in try GraphReader.read(document: bytes, limits: limits, checks: .standard) }
    }

    static let dispatch = FuzzTarget("dispatch", "tasks that a completion dispatches", tokens: Tokens.graph) { bytes in
        do {
            let tasks = try GraphReader.read(dispatch: bytes, limits: limits, checks: .standard)
            for task in tasks where task.id.rawValue != GraphReader.unread {
                let document = task.document
                let again = try succeeds("a task's own document is refused") { try GraphReader.read(checkedTask: document.bytes) }
                try expectEqual(again.document, document, "a task's document changes when it is read")
            }
        } catch let error as InvalidGraph {
            try check(error)
        }
    }

    /// So small that inputs reach them.
    package static let limits: Limits = {
        var limits = Limits()
        limits.documentBytes = 256 << 10
        limits.messageBytes = 256 << 10
        limits.tasksPerGraph = 200
        limits.payloadBytes = 2 << 10
        limits.paramsBytes = 1 << 10
        limits.dependenciesPerTask = 50
        limits.nesting = 4
        limits.reportedProblems = 20
        return limits
    }()

    private static func check(_ bytes: [UInt8], _ read: () throws(InvalidGraph) -> Graph) throws {
        do {
            try check(try read())
        } catch let error as InvalidGraph {
            try check(error)
        }
    }

    /// What must hold of a graph that was accepted.
    package static func check(_ graph: Graph) throws {
        let document = graph.document
        let again = try succeeds("a graph's own document is refused") {
            try GraphReader.read(json: document.bytes, limits: limits, checks: .standard)
        }
        try expectEqual(again.document, document, "a graph's document changes when it is read")
        var plain = graph
        plain.trace = nil
        if !mayDiffer(document) { try expectEqual(again, plain, "a graph changes when its document is read") }
        _ = try succeeds("what was read is refused when checked again") { try graph.validate(limits: limits, checks: .standard) }
        try succeeds("a graph that was accepted can't be run") { try DrivenRun(graph).work(steps: 60) }
    }

    /// Retry policies write fractions, and leave out what is the default.
    private static func mayDiffer(_ document: JSON) -> Bool { document.description.contains("\"retry\":") }

    static func check(_ error: InvalidGraph) throws(Finding) {
        try expect(!error.problems.isEmpty, "refused without a problem")
        try expect(error.problems.count <= limits.reportedProblems + 1, "\(error.problems.count) problems are more than reportedProblems")
        for problem in error.problems {
            try expect(!problem.message.isEmpty, "a problem at '\(problem.path)' says nothing")
            try expect(problem.path.utf8.count + problem.message.utf8.count < 8192, "a problem is \(problem.message.utf8.count) bytes long")
        }
    }
}
