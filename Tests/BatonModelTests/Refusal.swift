import BatonModel

/// What reading a document comes to, where it is expected to be refused.
func problems(json text: String, limits: Limits = Limits(), checks: SyntaxChecks = .none) -> [GraphProblem] {
    do throws(InvalidGraph) { _ = try GraphReader.read(json: Array(text.utf8), limits: limits, checks: checks) } catch { return error.problems }
    return []
}

func problems(yaml text: String, limits: Limits = Limits()) -> [GraphProblem] {
    do throws(InvalidGraph) { _ = try GraphReader.read(yaml: text, limits: limits) } catch { return error.problems }
    return []
}

func problems(of graph: Graph, limits: Limits = Limits()) -> [GraphProblem] {
    do throws(InvalidGraph) { try graph.validate(limits: limits) } catch { return error.problems }
    return []
}

func problems(dispatch text: String, limits: Limits = Limits(), checks: SyntaxChecks = .none) -> [GraphProblem] {
    do throws(InvalidGraph) { _ = try GraphReader.read(dispatch: Array(text.utf8), limits: limits, checks: checks) } catch { return error.problems }
    return []
}

/// A document with one task `a`, to which these fields are added.
func oneTask(_ fields: String) -> String { #"{"name":"g","tasks":[{"id":"a","handler":"h",\#(fields)}]}"# }

/// A document with these tasks, each given with its dependencies as JSON.
func tasks(_ list: (id: String, dependencies: String)...) -> String {
    let items = list.map { #"{"id":"\#($0.id)","handler":"h","dependencies":[\#($0.dependencies)]}"# }
    return #"{"name":"g","tasks":[\#(items.joined(separator: ","))]}"#
}
