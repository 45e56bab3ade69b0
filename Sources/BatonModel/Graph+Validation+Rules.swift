/// What can be wrong with routes, loops and the other rules of few tasks.
extension TaskListCheck {
    func addRuleProblems(
        of task: TaskSpec, at index: Int, to problems: inout ProblemList, check: (String, String, inout ProblemList) -> Void
    ) {
        let rules = task.rules
        let place = { (field: String) in "\(path)[\(index)].\(field)" }
        if let fallback = rules.fallback { check("fallback", fallback.rawValue, &problems) }
        if let compensation = rules.compensation { check("compensate.handler", compensation.handler.rawValue, &problems) }
        if let compressor = rules.context?.compressor { check("context.compress.handler", compressor.handler.rawValue, &problems) }
        if let queue = rules.compensation?.queue { check("compensate.queue", queue.rawValue, &problems) }
        checkParams(rules.compensation?.params, place("compensate.params"), &problems)
        for (position, validator) in (rules.guardrails?.validators ?? []).enumerated() {
            check("validators[\(position)]", validator.handler.rawValue, &problems)
            checkParams(validator.params, place("validators[\(position)].params"), &problems)
        }
        for (field, schema) in [("inputs", rules.schemas.inputs), ("result", rules.schemas.result)] {
            if let schema, let problem = checks.schema(schema) { problems.add(place("schemas.\(field)"), problem) }
        }
        if let payload = rules.answer?.defaultResult, payload.bytes.count > limits.payloadBytes {
            problems.add(place("answer.default"), Self.tooLarge(payload, "payloadBytes", limits.payloadBytes))
        }
        if case .list(let items) = rules.loop?.source { addItemProblems(items, place("forEach.items"), to: &problems) }
        if rules.loop?.source == .stored { problems.add(place("forEach.items"), "is missing: give one of items, csv, lines, from") }
        let stands = task.handler == .graph ? "graph" : task.handler == .answer ? "answer" : nil
        if let stands {
            let needing: [(String, Bool)] = [
                ("limit", rules.limit != nil), ("breaker", rules.breaker != nil), ("cache", rules.cache != nil),
                ("fallback", rules.fallback != nil),
                ("context.compress", rules.context?.compressor != nil),
            ]
            for (field, isThere) in needing where isThere {
                problems.add(place(field), "belongs to a task with a handler, not to one with '\(stands)'")
            }
        }
        if rules.loop != nil {
            for (field, isThere) in [("routes", rules.routing != nil), ("validators", rules.guardrails != nil)] where isThere {
                problems.add(place(field), "can't stand beside 'forEach': put it on a task that follows the loop")
            }
        }
        if let graph = rules.graph, isWithinNesting(place("graph"), &problems) {
            problems = graph.problems(
                adding: problems, at: place("graph"), limits: limits, checks: checks, unread: unread, nesting: nesting + 1)
        }
        let continuations = rules.continuations
        for (field, list) in [
            ("onCompleted", continuations.onCompleted), ("onFailed", continuations.onFailed),
            ("onCancelled", continuations.onCancelled),
        ] where !list.isEmpty && isWithinNesting(place(field), &problems) {
            let list = TaskListCheck(list, at: place(field), limits: limits, checks: checks, unread: unread, nesting: nesting + 1)
            problems = list.problems(adding: problems)
        }
    }

    private func checkParams(_ params: JSON?, _ place: @autoclosure () -> String, _ problems: inout ProblemList) {
        guard let params, params.bytes.count > limits.paramsBytes else { return }
        problems.add(place(), Self.tooLarge(params, "paramsBytes", limits.paramsBytes))
    }

    private func isWithinNesting(_ place: @autoclosure () -> String, _ problems: inout ProblemList) -> Bool {
        if nesting < limits.nesting { return true }
        problems.add(place(), "is nested deeper than the limit nesting of \(limits.nesting)")
        return false
    }

    /// Routes have to lead somewhere, and either on or back.
    func addRouteProblems(_ indices: [TaskID: Int], _ back: Set<RouteEdge>, to problems: inout ProblemList) {
        for (index, task) in tasks.enumerated() where task.hasRules {
            guard let routing = task.rules.routing else { continue }
            for route in routing.routes {
                let place = "\(path)[\(index)].routes.\(route.name)"
                if route.targets.isEmpty { problems.add(place, "leads to no task: name at least one") }
                var returning = 0
                for target in route.targets where target.rawValue != unread {
                    guard let other = indices[target] else {
                        problems.add(place, "there is no task '\(target)'")
                        continue
                    }
                    if back.contains(RouteEdge(decision: index, target: other)) { returning += 1 }
                }
                if returning > 0, returning < route.targets.count {
                    problems.add(place, "leads both back and on: give the tasks that come before the decision a route of their own")
                }
            }
            if let name = routing.defaultRoute, !routing.routes.contains(where: { $0.name == name }) {
                problems.add("\(path)[\(index)].defaultRoute", "there is no route '\(name)'")
            }
        }
    }
}
