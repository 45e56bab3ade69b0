import BatonModel
import BatonStore

/// Tasks that have ended: how, and because of what.
extension Why {
    func completed(_ standing: TaskStanding) throws -> WhyView {
        let state = standing.state
        var view = view(standing, .completed, "completed")
        if state.flags.contains(.undone) { view = try undone(standing) }
        if view.reason == .completed {
            var words = ["completed"]
            if state.flags.contains(.linked) {
                words.append("in the run that it is linked to")
            } else if state.flags.contains(.cached) {
                words.append("with a result that was kept for equal inputs")
            } else if let worker = state.worker {
                words.append("on worker \(worker)")
            }
            if state.flags.contains(.fallback), let fallback = standing.node.rules.fallback { words.append("by its fallback \(fallback)") }
            if state.attempt > 1 { words.append("at attempt \(state.attempt)") }
            if let start = state.startedAt, let end = state.finishedAt { words.append("after \(Self.text(end - start))") }
            view.text = words.joined(separator: " ")
        }
        view.since = state.finishedAt
        return view
    }

    private func undone(_ standing: TaskStanding) throws -> WhyView {
        let why = run.progress.ending.map { ", because \(Self.sentence($0.error.message))" } ?? ""
        if let open = try reader.open(.compensation, for: standing.key.task, in: run.number, limit: 1).first {
            let cause = root(try view(of: self.standing(open), isDeep: false))
            let words = "\(cause.task?.rawValue ?? "") \(cause.text ?? "")"
            return view(standing, .compensating, "completed, and is being undone\(why): \(words)", [cause])
        }
        let isUndone = try reader.task(standing.node.id, of: run.number)?.view.undone ?? false
        let handler = standing.node.rules.compensation?.handler.rawValue ?? "its compensation"
        return view(
            standing, .undone,
            isUndone ? "completed, and was undone by \(handler)\(why)"
                : "completed, and could not be undone\(why): \(handler) failed. Look at its compensation, and undo it by hand")
    }

    func failed(_ standing: TaskStanding) -> WhyView {
        let message = standing.error.map { Self.sentence($0.message) } ?? "without a reason"
        let attempts = standing.state.attempt > 1 ? " at attempt \(standing.state.attempt) of \(standing.node.retry.maxAttempts)" : ""
        let next = run.progress.status.isFinal ? ". To run it again: baton rerun \(run.header.id)" : ""
        var view = view(standing, .failed, "failed\(attempts): \(message)\(next)", [attempt(standing)])
        view.since = standing.state.finishedAt
        return view
    }

    private func attempt(_ standing: TaskStanding) -> WhyView.Cause {
        var cause = WhyView.Cause(.attempt)
        if standing.state.attempt > 0 { cause.attempt = Int(standing.state.attempt) }
        cause.maxAttempts = standing.node.retry.maxAttempts
        cause.worker = standing.state.worker
        cause.error = standing.error
        return cause
    }

    func cancelled(_ standing: TaskStanding) throws -> WhyView {
        let reason = standing.error.map { Self.sentence($0.message) } ?? "without a reason"
        var causes = [attempt(standing)]
        if let ending = run.progress.ending, ending.status == .failed {
            let failed = try reader.tasks(of: run.number, status: .failed, limit: 3, from: 0)
            causes += try failed.map { root(try self.view(of: self.standing($0.index), isDeep: false)) }
        }
        let unseen = standing.state.flags.contains(.stopUnconfirmed) && standing.state.startedAt != nil
            ? ". Its handler was not seen to stop" : ""
        var view = view(standing, .cancelled, "was cancelled: \(reason)\(unseen)", causes)
        view.since = standing.state.finishedAt
        return view
    }

    func skipped(_ standing: TaskStanding) throws -> WhyView {
        let message = standing.error.map { Self.sentence($0.message) } ?? "without a reason"
        var causes: [WhyView.Cause] = []
        let what = standing.error?.details?.value
        var text = "was skipped: \(message)"
        if let task = what?["task"]?.string, let status = what?["status"]?.string.flatMap(TaskStatus.init(rawValue:)) {
            let verb = status == .cancelled || status == .skipped ? "was \(status.rawValue)" : status.rawValue
            text = "was skipped, because \(task) \(verb)"
        }
        // From one skipped task to the one that it was skipped for, down to the one that broke.
        var error = standing.error
        var steps = 0
        while steps < Self.searched, let name = error?.details?.value["task"]?.string,
            let index = try reader.index(of: TaskID(name), in: run.number)
        {
            steps += 1
            let before = try self.standing(index)
            if causes.count < Self.listed { causes.append(WhyView.Cause(.task, task: before.node.id, status: before.state.status.rawValue)) }
            error = before.error
            guard before.state.status == .skipped, error?.details?.value["task"]?.string != nil else {
                let bottom = root(try self.view(of: before, isDeep: false))
                causes.append(bottom)
                text += ": \(before.node.id) \(bottom.text ?? "")"
                break
            }
        }
        if standing.error?.type == TaskError.Kind.branchNotTaken {
            for dependency in try reader.dependencyStandings(of: standing.key) where dependency.condition == .routed {
                causes.append(WhyView.Cause(.task, task: dependency.id, status: dependency.status.rawValue))
                causes[causes.count - 1].on = .routed
                if causes.count == Self.listed { break }
            }
        }
        var view = view(standing, .skipped, text, causes)
        view.since = standing.state.finishedAt
        return view
    }
}
