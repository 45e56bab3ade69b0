import BatonModel
import BatonStore

/// Tasks that are under way.
extension Why {
    func running(_ standing: TaskStanding) throws -> WhyView {
        let times = try reader.dueTimes(of: standing.key)
        let flags = standing.state.flags
        var view: WhyView
        if flags.contains(.cancelRequested) {
            view = try cancelling(standing, times)
        } else if flags.contains(.examined) {
            view = try validating(standing)
        } else if standing.node.rules.loop != nil {
            view = try items(standing)
        } else if standing.node.handler == .graph {
            view = try subgraph(standing)
        } else if standing.node.handler == .answer {
            view = answer(standing, times)
        } else {
            view = withWorker(standing, times)
        }
        if view.since == nil { view.since = standing.state.startedAt }
        if view.until == nil { view.until = [times[.attemptTimeout], times[.totalTimeout]].compactMap(\.self).min() }
        return view
    }

    private func withWorker(_ standing: TaskStanding, _ times: [TimerKind: Timestamp]) -> WhyView {
        let state = standing.state
        var cause = WhyView.Cause(.worker)
        cause.worker = state.worker
        cause.since = state.startedAt
        cause.attempt = Int(state.attempt)
        cause.maxAttempts = standing.node.retry.maxAttempts
        if state.flags.contains(.leased) { cause.leased = true }
        if state.progress > 0 { cause.progress = Double(state.progress) }
        cause.until = times[.lease] ?? times[.heartbeat]
        let worker = surroundings.workers.first { $0.id == state.worker }
        cause.lastSeenAt = worker?.lastSeenAt
        cause.status = worker?.state ?? "unknown"
        let name = state.worker.map { "worker \($0)" } ?? "a worker"
        let time = state.startedAt.map { " for \(Self.text(now - $0))" } ?? ""
        if let id = state.worker, worker == nil || worker?.state == "silent" {
            let seen = worker.map { "has been silent for \(Self.text(now - $0.lastSeenAt))" } ?? "has not been heard of"
            let next = cause.until.map { "; without a sign of life it is given to another one \(until($0))" }
                ?? "; the broker gives its task to another worker once its connection is gone"
            return view(standing, .workerSilent, "runs\(time), but its worker \(id) \(seen)\(next)", [cause])
        }
        let progress = state.progress > 0 ? ", at \(Int(state.progress * 100)) %" : ""
        return view(standing, .running, "runs on \(name)\(time)\(progress), attempt \(state.attempt) of \(standing.node.retry.maxAttempts)", [cause])
    }

    private func cancelling(_ standing: TaskStanding, _ times: [TimerKind: Timestamp]) throws -> WhyView {
        let grace = times[.cancelGrace]
        let reason = standing.error.map { " (\(Self.sentence($0.message)))" } ?? ""
        var causes: [WhyView.Cause] = []
        var what = "its handler has not confirmed that it stopped"
        if standing.node.rules.loop != nil {
            causes = try openItems(of: standing)
            what = "its items have not all stopped"
        } else if standing.node.handler == .graph {
            causes = try child(of: standing).map { [$0] } ?? []
            what = "the run that it is has not ended"
        } else if let worker = standing.state.worker {
            var cause = surroundings.workers.first { $0.id == worker }.map { self.cause(of: $0) } ?? WhyView.Cause(.worker)
            cause.worker = worker
            causes = [cause]
            what = "its handler on worker \(worker) has not confirmed that it stopped"
        }
        let end = grace.map { "; without that it counts as cancelled \(until($0))" } ?? ""
        var view = view(standing, .cancelling, "is being cancelled\(reason), but \(what)\(end)", causes)
        view.until = grace
        return view
    }

    func validating(_ standing: TaskStanding) throws -> WhyView {
        let open = try reader.open(.validator, for: standing.key.task, in: run.number, limit: Self.listed)
        let causes = try open.map { root(try view(of: self.standing($0), isDeep: false)) }
        let which = causes.first.flatMap { cause in cause.task.map { ": \($0) \(cause.text ?? "")" } } ?? ""
        return view(standing, .validating, "has a result that validators look at before it counts\(which)", causes)
    }

    private func answer(_ standing: TaskStanding, _ times: [TimerKind: Timestamp]) -> WhyView {
        let token = AttemptID(run: run.header.id, task: standing.key.task, number: Int(standing.state.attempt))
        let hasDefault = standing.node.rules.answer?.defaultResult != nil
        var cause = WhyView.Cause(.answer)
        cause.token = token
        cause.until = times[.answer]
        cause.hasDefault = hasDefault
        let end = times[.answer].map { "; without one it \(hasDefault ? "takes its default" : "fails") \(until($0))" } ?? ""
        var view = view(
            standing, .answer, "waits for an answer from outside\(end). To give one: baton answer \(token) --result JSON", [cause])
        view.until = times[.answer]
        return view
    }

    private func subgraph(_ standing: TaskStanding) throws -> WhyView {
        guard let cause = try child(of: standing) else {
            return view(standing, .subgraph, "is a graph of its own, whose run is about to begin")
        }
        return view(
            standing, .subgraph, "is a graph of its own: run \(cause.run?.rawValue ?? "") is \(cause.status ?? ""). What that one waits for: baton why \(cause.run?.rawValue ?? "")",
            [cause])
    }

    private func child(of standing: TaskStanding) throws -> WhyView.Cause? {
        let attempt = AttemptID(run: run.header.id, task: standing.key.task, number: Int(standing.state.attempt))
        guard let child = try reader.child(of: attempt), let stored = try reader.run(id: child) else { return nil }
        var cause = WhyView.Cause(.run, status: stored.progress.status.rawValue)
        cause.run = child
        return cause
    }

    private func items(_ standing: TaskStanding) throws -> WhyView {
        let causes = try openItems(of: standing)
        let items = causes[0]
        let (total, ended, open) = (items.total ?? 0, items.ended ?? 0, items.open ?? 0)
        let limit = items.limit ?? 0
        var text = "\(ended) of \(total) items have ended\(items.failed.map { $0 > 0 ? " (\($0) failed)" : "" } ?? ""), and \(open) are under way"
        if open >= limit, ended + open < total { text += ", as many as may be at a time" }
        // One that needs somebody's attention says more than the one that is first.
        let telling = causes.dropFirst().first { $0.reason != .running } ?? causes.dropFirst().first
        if let telling, let task = telling.task, let words = telling.text { text += ". \(task) \(words)" }
        return view(standing, .items, text, causes)
    }

    /// How the loop stands, then some of the items under way.
    private func openItems(of standing: TaskStanding) throws -> [WhyView.Cause] {
        var items = WhyView.Cause(.items)
        if let view = try reader.task(standing.node.id, of: run.number)?.view.items {
            items.total = view.total
            items.ended = view.ended
            items.open = view.running
            items.failed = view.failed
        }
        items.limit = standing.node.rules.loop?.maxParallel
        let open = try reader.open(.item, for: standing.key.task, in: run.number, limit: Self.listed)
        return [items] + (try open.map { root(try view(of: self.standing($0), isDeep: false)) })
    }
}
