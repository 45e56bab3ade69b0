import BatonModel
import BatonStore

/// Tasks that wait for others, or for time.
extension Why {
    func pending(_ standing: TaskStanding, isDeep: Bool) throws -> WhyView {
        let all = try reader.dependencyStandings(of: standing.key)
        let open = all.filter { !$0.status.isFinal }
        guard !open.isEmpty else { return try context(standing) }
        var causes = open.prefix(Self.listed).map { dependency in
            var cause = WhyView.Cause(.task, task: dependency.id, status: dependency.status.rawValue)
            cause.on = dependency.condition
            return cause
        }
        let roots = isDeep ? try roots(of: open.map(\.task)) : []
        causes += roots
        let names = Self.list(open.prefix(6).map { "\($0.id) (\($0.status.rawValue))" }, of: open.count)
        let reason: WhyView.Reason =
            open.allSatisfy { $0.condition == .routed } ? .route : open.allSatisfy { $0.condition == .sequential } ? .sequence : .dependencies
        var text =
            switch reason {
            case .route: "runs if it is chosen, and \(names) \(open.count == 1 ? "has" : "have") not chosen yet"
            case .sequence: "comes after \(names) in its sequence"
            default: "waits for \(open.count) of \(all.count) tasks: \(names)"
            }
        let deeper = roots.filter { root in !open.contains { $0.id == root.task } }
        if let first = roots.first, let task = first.task, let words = first.text {
            let more = roots.count > 1 ? "; and \(roots.count - 1) more at the bottom" : ""
            text += deeper.isEmpty && open.count == 1 ? ". \(task) \(words)\(more)" : ". At the bottom, \(task) \(words)\(more)"
        }
        var view = view(standing, reason, text, causes)
        view.count = open.count
        return view
    }

    /// The tasks at the end of the chain: those under way, or that wait for something else than tasks. The nearest first.
    private func roots(of first: [Int]) throws -> [WhyView.Cause] {
        var seen = Set(first)
        var queue = first
        var position = 0
        var roots: [WhyView.Cause] = []
        while position < queue.count, position < Self.searched, roots.count < Self.listed {
            let key = TaskKey(run.number, queue[position])
            position += 1
            guard let standing = try reader.standing(key), !standing.state.status.isFinal else { continue }
            if standing.state.status == .pending {
                let open = try reader.dependencyStandings(of: key).filter { !$0.status.isFinal }
                for dependency in open where seen.count < Self.searched * 4 && seen.insert(dependency.task).inserted {
                    queue.append(dependency.task)
                }
                if !open.isEmpty { continue }
            }
            roots.append(root(try view(of: standing, isDeep: false)))
        }
        return roots
    }

    func root(_ view: WhyView) -> WhyView.Cause {
        var cause = WhyView.Cause(.root, task: view.task, status: view.status.rawValue)
        cause.reason = view.reason
        cause.text = view.text
        cause.since = view.since
        cause.until = view.until
        return cause
    }

    /// Nothing that it depends on holds it up any more: its inputs are being made smaller.
    private func context(_ standing: TaskStanding) throws -> WhyView {
        let open = try reader.open(.compressor, for: standing.key.task, in: run.number, limit: Self.listed)
        let causes = try open.map { root(try view(of: self.standing($0), isDeep: false)) }
        let which = causes.first.flatMap { cause in cause.task.map { ": \($0) \(cause.text ?? "")" } } ?? ""
        return view(standing, .context, "waits until the results that it gets have been made smaller\(which)", causes)
    }

    func scheduled(_ standing: TaskStanding) -> WhyView {
        var cause = WhyView.Cause(.time)
        cause.until = standing.state.dueAt
        let isAt: Bool = if case .at = standing.node.start { true } else { false }
        let text =
            isAt ? "is to start at a time, \(until(standing.state.dueAt))"
            : "has a delay from when its dependencies ended, and starts \(until(standing.state.dueAt))"
        var view = view(standing, isAt ? .at : .delay, text, [cause])
        view.until = standing.state.dueAt
        return view
    }

    func retrying(_ standing: TaskStanding) throws -> WhyView {
        let state = standing.state
        var attempt = WhyView.Cause(.attempt)
        attempt.attempt = Int(state.attempt)
        attempt.maxAttempts = standing.node.retry.maxAttempts
        attempt.error = standing.error
        var time = WhyView.Cause(.time)
        time.until = state.dueAt
        let message = standing.error.map { Self.sentence($0.message) } ?? "without a reason"
        var view: WhyView
        if standing.error?.type == TaskError.Kind.circuitOpen {
            var limit = WhyView.Cause(.limit)
            limit.name = "breaker:\(standing.node.handler)"
            limit.until = try reader.breaker(of: standing.node.handler)?.openUntil
            view = self.view(
                standing, .circuitOpen, "\(message); it asks again \(until(state.dueAt))", [limit, attempt, time])
        } else {
            let text = "attempt \(state.attempt) of \(standing.node.retry.maxAttempts) failed (\(message)); the next one is due \(until(state.dueAt))"
            view = self.view(standing, .retry, text, [attempt, time])
        }
        view.until = state.dueAt
        return view
    }
}
