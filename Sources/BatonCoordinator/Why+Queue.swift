import BatonModel
import BatonStore

/// Tasks that are ready, and have not been started.
extension Why {
    func queued(_ standing: TaskStanding) throws -> WhyView {
        let place = try reader.place(of: standing)
        var view: WhyView
        if standing.state.flags.contains(.held) {
            view = try held(standing, place)
        } else {
            view = try inQueue(standing, place)
        }
        view.since = standing.state.queuedAt
        let times = try reader.dueTimes(of: standing.key)
        if let limit = times[.queuedTimeout] ?? times[.totalTimeout] { view.until = min(limit, view.until ?? limit) }
        return view
    }

    // MARK: - Before a gate

    private func held(_ standing: TaskStanding, _ place: WaitingPlace) throws -> WhyView {
        let name = place.gate ?? ""
        let gate = try reader.gate(name) ?? Gate(name: name)
        var cause = WhyView.Cause(.limit)
        cause.name = name
        cause.inside = gate.inside
        cause.ahead = place.ahead
        // A limit is everybody's, but whose runs are before it is only their owners' business.
        let holders = try reader.inside(name, limit: Self.listed).filter { try reader.run(id: $0.run)?.header.owner == run.header.owner }
        let tasks = holders.map { reference in
            var cause = WhyView.Cause(.task, task: reference.task)
            cause.run = reference.run
            return cause
        }
        let before = place.ahead == 0 ? "it is the next" : "\(place.ahead) wait before it"
        guard let limit = standing.node.rules.limit, name.hasPrefix("limit:") else {
            let who = holders.first.map { $0.run == run.header.id ? "\($0.task)" : "\($0.task) of run \($0.run)" } ?? "another task"
            return view(
                standing, .twin, "has the same inputs as \(who), and waits for that one's result instead of making it twice", [cause] + tasks)
        }
        let key = name.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2).joined(separator: ":")
        let which = "\(standing.node.handler)\(key.isEmpty ? "" : " with the key '\(key)'")"
        if let rate = limit.rate, gate.used >= rate.permits, let start = gate.periodStart {
            cause.limit = rate.permits
            cause.until = start + rate.period
            let text = "\(gate.used) tasks of \(which) have started in this period of \(rate.period.text), which is its limit; "
                + "\(before), and the next period begins \(until(cause.until))"
            var view = view(standing, .rateLimit, text, [cause])
            view.until = place.ahead < rate.permits ? cause.until : nil
            return view
        }
        cause.limit = limit.concurrency
        let text = "\(gate.inside) tasks of \(which) are under way, and \(limit.concurrency.map { "\($0)" } ?? "so many") may be at a time; \(before)"
        return view(standing, .concurrencyLimit, text, [cause] + tasks)
    }

    // MARK: - In a queue

    private func inQueue(_ standing: TaskStanding, _ place: WaitingPlace) throws -> WhyView {
        let queue = standing.node.queue
        let isStored = standing.state.flags.contains(.backlogged)
        let handler = standing.state.flags.contains(.fallback) ? standing.node.rules.fallback ?? standing.node.handler : standing.node.handler
        let consumers = surroundings.workers.filter { $0.queues.contains(queue) }
        let alive = consumers.filter { $0.state != "silent" && $0.state != "draining" }
        let able = alive.filter { $0.handlers.contains(handler) }
        let running = try reader.runningCounts()
        let slots = able.reduce(0) { $0 + $1.slots }
        let busy = able.reduce(0) { $0 + min($1.slots, max($1.running, running[$1.id] ?? 0)) }
        var cause = WhyView.Cause(.queue)
        cause.queue = queue
        cause.priority = standing.node.priority
        cause.handler = handler
        cause.ahead = place.ahead
        cause.workers = able.count
        cause.slots = slots
        cause.busy = busy
        let workers = able.prefix(Self.listed).map { self.cause(of: $0) }
        func view(_ reason: WhyView.Reason, _ text: String, _ more: [WhyView.Cause] = []) -> WhyView {
            self.view(standing, reason, text, [cause] + more)
        }
        if try reader.pausedQueues().contains(queue) {
            return view(.queuePaused, "the queue \(queue) is paused: 'baton queues resume \(queue)' lets it go on")
        }
        if let problem = surroundings.brokerProblem {
            return view(.brokerUnavailable, "is ready, but the coordinator has no connection with the broker: \(Self.sentence(problem))")
        }
        guard !alive.isEmpty else {
            let gone = consumers.isEmpty ? "no worker takes from the queue \(queue)"
                : "the workers of the queue \(queue) are \(consumers.contains { $0.state == "silent" } ? "silent" : "draining")"
            return view(
                .noWorker, "\(gone): start one with 'baton worker --queues \(queue)'", consumers.prefix(Self.listed).map { self.cause(of: $0) })
        }
        guard !able.isEmpty else {
            let names = Self.list(alive.prefix(6).map(\.id.rawValue), of: alive.count)
            return view(
                .noHandler, "workers take from the queue \(queue) (\(names)), but none of them offers \(handler): start one that does",
                alive.prefix(Self.listed).map { self.cause(of: $0) })
        }
        if isStored {
            cause.limit = surroundings.window(queue)
            let text = "\(place.ahead == 0 ? "the next" : "\(place.ahead) others wait before it") in the store, as the broker has as many tasks "
                + "of the queue \(queue) as is useful; more workers help"
            return view(.windowFull, place.ahead == 0 ? "is \(text)" : text, workers)
        }
        let before = place.ahead == 0 ? "it is the next" : "\(place.ahead) come before it"
        if busy >= slots {
            return view(.slotsBusy, "all \(slots) slots of the workers that can run it are taken; \(before). More workers, or more slots, help", workers)
        }
        return view(.queued, "is with the broker, and a worker is about to take it; \(before)", workers)
    }

    func cause(of worker: WorkerView) -> WhyView.Cause {
        var cause = WhyView.Cause(.worker, status: worker.state)
        cause.worker = worker.id
        cause.slots = worker.slots
        cause.busy = worker.running
        cause.lastSeenAt = worker.lastSeenAt
        return cause
    }
}
