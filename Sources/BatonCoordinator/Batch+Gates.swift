import BatonEngine
import BatonModel
import BatonStore
import Crypto
import Foundation

/// What tasks of all runs share: circuit breakers, results of equal inputs, limits at a time and in a period.
extension Batch {
    private static let resultPrefix = "result:"

    /// What became of an attempt at its gates.
    private enum Passage {
        case passed
        /// It has its outcome without a worker.
        case decided
        case held(String)
    }

    /// Lets a ready attempt pass what it shares with others, or has it wait there without a worker.
    ///
    /// - Parameter number: its place among those that wait; `nil` for one that comes now.
    /// - Parameter gate: the one where it was the first to wait.
    /// - Returns: the gate that it waits at.
    @discardableResult
    mutating func pass(_ task: Int, of run: CachedRun, number: Int64? = nil, from gate: String? = nil) throws -> String? {
        guard run.state.tasks.has(task), run.state.tasks[task].status == .queued, run.state.tasks[task].flags.contains(.held)
        else { return nil }
        let node = run.state.nodes[task]
        var passage = try passBreaker(task, of: run, node)
        if case .passed = passage, let rule = node.rules.cache, !run.state.tasks[task].flags.contains(.fallback) {
            passage = try passCache(task, of: run, rule)
        }
        if case .passed = passage, let limit = node.rules.limit { passage = try passLimit(task, of: run, limit, from: gate) }
        // What it has passed so far counts for it until it ends, over restarts too.
        dirty[run.number, default: Changes(run: run)].tasks.insert(task)
        switch passage {
        case .passed:
            try publish(task, of: run)
            return nil
        case .decided: return nil
        case .held(let gate):
            if number == nil { numbers.backlog += 1 }
            let attempt = Int(run.state.tasks[task].attempt)
            try transaction.hold(
                ReadyTask(number: number ?? numbers.backlog, key: TaskKey(run.number, task), attempt: attempt), at: gate)
            return gate
        }
    }

    private mutating func passCache(_ task: Int, of run: CachedRun, _ rule: CacheRule) throws -> Passage {
        let key = TaskKey(run.number, task)
        let name: String
        if let earlier = try transaction.passes(of: key).first(where: { $0.hasPrefix(Self.resultPrefix) }) {
            name = earlier
        } else if let digest = try digest(of: key, rule) {
            name = Self.resultPrefix + digest
        } else {
            return .passed
        }
        let digest = String(name.dropFirst(Self.resultPrefix.count))
        let attempt = run.state.attemptID(of: task)
        if run.state.tasks[task].rejections == 0, let result = try transaction.kept(digest, at: now),
            try problem(ofResult: result, of: attempt) == nil
        {
            followUps.append(.event(run.state.id, .cached(attempt, result: result)))
            return .decided
        }
        if try transaction.passes(of: key).contains(name) { return .passed }
        var gate = try transaction.gate(name) ?? Gate(name: name)
        guard gate.inside == 0 else { return .held(name) }
        gate.inside = 1
        try enter(gate, task, of: run)
        return .passed
    }

    /// What makes two tasks equal: the handler, what it gets, and the version.
    private func digest(of key: TaskKey, _ rule: CacheRule) throws -> String? {
        // Inputs that can't be made are reported when the message is. What is made once more with feedback is to be another one.
        guard let data = try transaction.dispatch(key), data.parts[.feedback] == nil else { return nil }
        var origin: BatonStore.DispatchData?
        if MessageBuilder.needsOrigin(data.role), let index = data.origin?.index {
            origin = try transaction.dispatch(TaskKey(key.run, index))
        }
        guard var inputs = try? TaskInputs.inputs(of: data, origin: origin) ?? .null else { return nil }
        if data.role == .item { inputs = inputs.without("index") }
        let spec = TaskInputs.spec(of: data)
        var writer = JSONWriter()
        writer.array { writer in
            writer.write(spec.handler.rawValue)
            writer.write(rule.version)
            writer.write(inputs)
            writer.write(spec.params ?? .null)
        }
        return SHA256.hash(data: writer.bytes).map { String(format: "%02x", $0) }.joined()
    }

    private mutating func passLimit(_ task: Int, of run: CachedRun, _ limit: SharedLimit, from waited: String?) throws -> Passage {
        let key = TaskKey(run.number, task)
        let value: String
        do {
            value = try run.state.limitKey(of: task, payloads: StorePayloads(reader: transaction, run: run.number))
        } catch let error as TaskError {
            followUps.append(.event(run.state.id, .undeliverable(run.state.attemptID(of: task), error: error)))
            return .decided
        }
        let name = "limit:\(run.state.nodes[task].handler):\(Self.isName(value) ? value : Self.short(value))"
        if try transaction.passes(of: key).contains(name) { return .passed }
        var gate = try transaction.gate(name) ?? Gate(name: name)
        if let rate = limit.rate {
            let start = gate.periodStart ?? now
            if now - start >= rate.period || gate.periodStart == nil {
                gate.periodStart = now
                gate.used = 0
            }
            guard gate.used < rate.permits else { return .held(name) }
        }
        if let concurrency = limit.concurrency, gate.inside >= concurrency { return .held(name) }
        if waited != name, let first = try transaction.takeHeld(at: name) {
            // There is room, but for those who came before.
            try transaction.hold(first, at: name)
            followUps.append(.wake(name))
            return .held(name)
        }
        gate.inside += 1
        if let rate = limit.rate {
            gate.used += 1
            try transaction.arm(alarm: name, due: (gate.periodStart ?? now) + rate.period)
        }
        try enter(gate, task, of: run)
        return .passed
    }

    /// The store's texts end at a NUL.
    private static func isName(_ value: String) -> Bool { value.utf8.count <= 200 && !value.utf8.contains(0) }

    private static func short(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    private mutating func enter(_ gate: Gate, _ task: Int, of run: CachedRun) throws {
        try transaction.put(gate)
        try transaction.addPass(gate.name, of: TaskKey(run.number, task))
        run.state.permit(task, true)
    }

    /// The attempt is over: others may pass. A task that is tried again keeps its place among those with equal inputs.
    mutating func leaveGates(_ task: Int, of run: CachedRun) throws {
        let key = TaskKey(run.number, task)
        let state = run.state.tasks[task]
        let passes = try transaction.passes(of: key)
        try transaction.removePasses(of: key)
        run.state.permit(task, false)
        for name in passes {
            guard var gate = try transaction.gate(name) else { continue }
            if name.hasPrefix(Self.resultPrefix) {
                if [.queued, .running, .retrying].contains(state.status) {
                    try transaction.addPass(name, of: key)
                    run.state.permit(task, true)
                    continue
                }
                if state.status == .completed, !state.flags.contains(.fallback), let rule = run.state.nodes[task].rules.cache,
                    let result = try transaction.result(key)
                {
                    try transaction.keep(result, under: String(name.dropFirst(Self.resultPrefix.count)), until: now + rule.ttl)
                }
            }
            gate.inside = max(0, gate.inside - 1)
            try transaction.put(gate)
            followUps.append(.wake(name))
        }
        if let breaker = try transaction.breaker(of: run.state.nodes[task].handler), let probe = breaker.probe,
            probe.run == run.state.id, probe.task == task
        {
            var breaker = breaker
            breaker.probe = nil
            try transaction.put(breaker, of: run.state.nodes[task].handler)
        }
    }

    /// Lets those that wait before a gate pass, as long as there is room, in their order.
    mutating func wake(_ gate: String) throws {
        var seen: Set<Int64> = []
        while hasRoom, let held = try transaction.takeHeld(at: gate) {
            // Whoever comes round again was told to wait.
            guard seen.insert(held.number).inserted else { return try transaction.hold(held, at: gate) }
            spent += 1
            guard let id = try transaction.runID(of: held.key.run), let run = try cache.run(id, transaction) else { continue }
            if try pass(held.key.task, of: run, number: held.number, from: gate) == gate { return }
        }
        if !hasRoom { try putOff(.wake(gate)) }
    }

    /// A period of a limit has ended.
    mutating func ring(_ alarm: String) throws {
        try transaction.disarm(alarm: alarm)
        if PutOff.isName(alarm) { return try goOn(alarm) }
        if var gate = try transaction.gate(alarm) {
            gate.used = 0
            gate.periodStart = nil
            try transaction.put(gate)
        }
        followUps.append(.wake(alarm))
    }

    // MARK: - Circuit breakers

    /// A handler that keeps failing is left alone, but for one attempt that tries it once the time has come.
    private mutating func passBreaker(_ task: Int, of run: CachedRun, _ node: TaskNode) throws -> Passage {
        guard node.rules.breaker != nil, !run.state.tasks[task].flags.contains(.fallback),
            var breaker = try transaction.breaker(of: node.handler), let openUntil = breaker.openUntil
        else { return .passed }
        let attempt = run.state.attemptID(of: task)
        if now >= openUntil, breaker.probe == nil || breaker.probe == attempt {
            breaker.probe = attempt
            try transaction.put(breaker, of: node.handler)
            run.state.permit(task, true)
            return .passed
        }
        let wait = max(.zero, openUntil - now)
        let message = breaker.probe == nil
            ? "the handler \(node.handler) failed \(breaker.failures) times in a row; it is left alone for another \(wait.text)"
            : "the handler \(node.handler) failed \(breaker.failures) times in a row; one attempt tries whether it works again"
        let error = TaskError(type: TaskError.Kind.circuitOpen, message: message)
        followUps.append(.event(run.state.id, .refused(attempt, error: error)))
        return .decided
    }

    mutating func countSuccess(_ task: Int, of run: CachedRun) throws {
        guard run.state.tasks.has(task) else { return }
        let node = run.state.nodes[task]
        guard node.policies?.rules.breaker != nil, node.isWorkers, run.state.tasks[task].flags.isDisjoint(with: [.fallback, .cached]),
            let breaker = try transaction.breaker(of: node.handler), breaker != Breaker()
        else { return }
        try transaction.put(Breaker(), of: node.handler)
    }

    /// Only failures of the handler's own count: not what it refuses for good, and not what never reached it.
    ///
    /// - Parameter attempt: `nil` for the last one.
    mutating func countFailure(_ task: Int, _ error: TaskError?, attempt: Int?, of run: CachedRun) throws {
        guard run.state.tasks.has(task) else { return }
        let node = run.state.nodes[task]
        let state = run.state.tasks[task]
        let isFallbacks = state.flags.contains(.fallback) && attempt.map { $0 > Int(state.base) } ?? true
        let isIts = ![TaskError.Kind.circuitOpen, TaskError.Kind.invalidInputs, TaskError.Kind.cancelled, TaskError.Kind.rejected]
            .contains(error?.type)
        guard let rule = node.policies?.rules.breaker, node.isWorkers, !isFallbacks, let error, error.retryable != false, isIts,
            error.details?.value["timeout"] != "queued"
        else { return }
        var breaker = try transaction.breaker(of: node.handler) ?? Breaker()
        let failed = AttemptID(run: run.state.id, task: task, number: attempt ?? Int(state.attempt))
        // While the circuit is open only the attempt that tries it counts; others began before.
        guard breaker.openUntil == nil || breaker.probe == failed else { return }
        breaker.failures += 1
        if breaker.probe == failed || breaker.failures >= rule.failures {
            breaker.openUntil = now + rule.reset
            breaker.probe = nil
        }
        try transaction.put(breaker, of: node.handler)
    }
}

extension TaskNode {
    /// Whether an attempt has to pass something that it shares with other tasks.
    var sharesLimits: Bool {
        guard let policies, isWorkers else { return false }
        return policies.rules.limit != nil || policies.rules.breaker != nil || policies.rules.cache != nil
    }

    /// Whether workers make the task's result, rather than other tasks or somebody outside.
    var isWorkers: Bool { handler != .graph && handler != .answer && rules.loop == nil }
}

extension JSON {
    /// An object but for one of its fields. Where an item stands in its list makes no other item of it.
    fileprivate func without(_ field: String) -> JSON {
        guard let fields else { return self }
        var writer = JSONWriter()
        writer.object { writer in for (name, value) in fields where name != field { writer.field(name, value) } }
        return writer.json
    }
}
