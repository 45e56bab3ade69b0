import BatonEngine
import BatonModel
import BatonStore

/// Running again, copying, linking, archiving.
extension Batch {
    mutating func rerun(_ id: RunID, _ request: RerunRequest, digest: [UInt8]?) throws -> StoredRun {
        let run = try find(id)
        try checkFree(run)
        guard run.state.progress.status.isFinal else {
            throw OperationError(.conflict, "run '\(id)' goes on: wait for its end, or cancel it first")
        }
        if let digest, request.force != true, try transaction.digest(of: run.number) != digest {
            throw OperationError(
                .conflict, "the graph is not the one that run '\(id)' was started with: submit it as a new run, or say 'force' "
                    + "to go on with the run's own")
        }
        let rerun: Rerun
        if let from = request.from {
            guard request.scope == nil else { throw OperationError(.badRequest, "give 'scope' or 'from', not both") }
            rerun = .from(try from.map { try index(of: $0, run) })
        } else {
            rerun = request.scope == .all ? .all : .failed
        }
        let last = run.state.progress.lastEvent
        try decide(id, .rerun(rerun))
        guard run.state.progress.lastEvent > last else {
            throw OperationError(.conflict, "run '\(id)' has nothing to run again: say 'scope: all', or name tasks in 'from'")
        }
        return StoredRun(number: run.number, header: run.state.header, progress: run.state.progress, reply: run.reply)
    }

    mutating func copy(_ id: RunID, _ request: ReuseRequest, _ kind: Lineage.Kind) throws -> (run: StoredRun, existing: Bool) {
        let run = try find(id)
        let owner = try owner(of: run, request)
        if let known = try known(request, owner, id, kind) { return known }
        let definitions = try transaction.definitions(of: run.number)
        let chosen = try Selection(definitions).tasks(request)
        let linked = try linked(request, kind, definitions, chosen, run)
        var graph = Graph(
            name: request.name ?? run.state.header.name, key: request.key, correlationID: nil, owner: owner,
            input: try transaction.input(of: run.number), timeout: run.state.header.timeout,
            onFailure: run.state.header.onFailure, tasks: [])
        guard NameRule.allows(graph.name) else {
            throw OperationError(InvalidGraph("'\(graph.name)' is not a name: \(NameRule.explanation)", at: "name"))
        }
        var items: [Int: [JSON]] = [:]
        var links: [Int: TaskKey] = [:]
        var skipped: Set<Int> = []
        let isChosen = Set(chosen)
        let names = Set(chosen.map { definitions[$0].spec.id })
        for (place, index) in chosen.enumerated() {
            var spec = definitions[index].spec
            let source = TaskKey(run.number, index)
            if linked.contains(index) {
                links[place] = source
                if run.state.tasks[index].status == .skipped { skipped.insert(place) }
                // What a link waited for is in the past.
                spec.dependencies = zip(spec.dependencies, definitions[index].dependencies)
                    .filter { isChosen.contains($0.1) }.map(\.0)
            } else if spec.hasRules, let loop = spec.rules.loop, loop.source == .stored {
                items[place] = try transaction.items(of: source)
            }
            if let parent = spec.parent, !names.contains(parent) { spec.parent = nil }
            graph.tasks.append(spec)
        }
        let family = run.state.header.lineage.family
        let new = try begin(
            PreparedGraph(stored: graph, items: items), digest: Intake.digest(graph),
            lineage: { lineage in
                lineage.family = family
                lineage.origin = id
                lineage.kind = kind
            }, links: links, skippedLinks: skipped)
        return (StoredRun(number: new.number, header: new.state.header, progress: new.state.progress, reply: nil), false)
    }

    /// Which of the chosen tasks are linked. Only what has completed has a result to show.
    private func linked(
        _ request: ReuseRequest, _ kind: Lineage.Kind, _ definitions: [TaskDefinition], _ chosen: [Int], _ run: CachedRun
    ) throws -> Set<Int> {
        let linked: Set<Int>
        switch kind {
        case .copy, .archive: return []
        case .link: linked = Set(chosen)
        case .mixed:
            guard let names = request.link, !names.isEmpty else {
                throw OperationError(InvalidGraph("is missing: name the tasks to be linked", at: "link"))
            }
            var problems: [GraphProblem] = []
            var found: Set<Int> = []
            for (place, name) in names.enumerated() {
                if let index = definitions.firstIndex(where: { $0.spec.id == name }), chosen.contains(index) {
                    found.insert(index)
                } else {
                    problems.append(GraphProblem(path: "link[\(place)]", message: "there is no task '\(name)' among those to be used"))
                }
            }
            if !problems.isEmpty { throw OperationError(.invalid, "the request has \(problems.count) problems", problems: problems) }
            linked = found
        }
        for index in linked.sorted() {
            let status = run.state.tasks[index].status
            if run.state.tasks[index].flags.contains(.undone) {
                throw OperationError(
                    .notCompleted,
                    "task '\(definitions[index].spec.id)' of run '\(run.state.id)' was undone: only what stands can be linked")
            }
            guard status == .completed || (kind == .link && status == .skipped) else {
                throw OperationError(
                    .notCompleted,
                    "task '\(definitions[index].spec.id)' of run '\(run.state.id)' is \(status.rawValue): only what has completed can be linked")
            }
        }
        return linked
    }

    mutating func archive(_ id: RunID, _ request: ReuseRequest) throws -> (run: StoredRun, existing: Bool) {
        let run = try find(id)
        guard request.tasks == nil else {
            throw OperationError(.badRequest, "an archive is of a whole run: leave 'tasks' out, or copy or link the tasks")
        }
        let owner = try owner(of: run, request)
        guard run.state.progress.status.isFinal else {
            throw OperationError(.conflict, "run '\(id)' goes on: wait for its end, or cancel it first")
        }
        if let known = try known(request, owner, id, .archive) { return known }
        var header = run.state.header
        header.id = RunID.generate(now: now, using: &generator)
        header.name = request.name ?? header.name
        header.key = request.key
        header.owner = owner
        header.createdAt = now
        header.lineage.origin = id
        header.lineage.parent = nil
        header.lineage.schedule = nil
        header.lineage.kind = .archive
        let number = try transaction.archive(run.number, as: header)
        return (StoredRun(number: number, header: header, progress: run.state.progress, reply: nil), false)
    }

    /// The run that was made under the request's key.
    ///
    /// - Throws: `.conflict` where it was made of something else.
    private func known(
        _ request: ReuseRequest, _ owner: String?, _ origin: RunID, _ kind: Lineage.Kind
    ) throws -> (run: StoredRun, existing: Bool)? {
        guard let key = request.key, let known = try transaction.run(owner: owner, key: key) else { return nil }
        guard let run = try transaction.run(id: known.id), run.header.lineage.origin == origin, run.header.lineage.kind == kind
        else {
            throw OperationError(.conflict, "the key '\(key)' belongs to run \(known.id), which is another one: use a new key")
        }
        return (run, true)
    }

    /// An owner who is named has to be the original's.
    private func owner(of run: CachedRun, _ request: ReuseRequest) throws -> String? {
        for (place, text) in [("key", request.key), ("owner", request.owner)] {
            guard let text else { continue }
            guard PlainText.allows(text) else { throw OperationError(InvalidGraph(PlainText.explanation, at: place)) }
            guard (1...255).contains(text.utf8.count) else { throw OperationError(InvalidGraph("must have 1 to 255 bytes", at: place)) }
        }
        let owner = run.state.header.owner
        if let asking = request.owner, let owner, asking != owner {
            throw OperationError(.denied, "run '\(run.state.id)' belongs to another owner than '\(asking)'")
        }
        return request.owner ?? owner
    }

    private func checkFree(_ run: CachedRun) throws {
        if run.state.header.lineage.kind == .archive { throw OperationError.frozen(run.state.id) }
    }

    private func index(of task: TaskID, _ run: CachedRun) throws -> Int {
        guard let index = try transaction.index(of: task, in: run.number), index < run.state.nodes.listedCount else {
            throw OperationError(.notFound, "run '\(run.state.id)' has no task '\(task)' in its document")
        }
        return index
    }

    // MARK: - Answers

    mutating func answer(_ token: AttemptID, _ answer: Answer) throws -> AnswerView {
        let run = try find(token.run)
        guard run.state.tasks.has(token.task) else { throw Self.tooLate(token) }
        let node = run.state.nodes[token.task]
        let state = run.state.tasks[token.task]
        guard Int(state.attempt) == token.number, state.status == .running || state.status == .queued,
            !state.flags.contains(.examined), node.handler != .graph, node.rules.loop == nil
        else { throw Self.tooLate(token) }
        let isWaiting = node.handler == .answer
        switch answer {
        case .complete(let result):
            if let message = limits.refusal(ofResult: result) { throw OperationError(.badRequest, message) }
            if let problem = try problem(ofResult: result, of: token) { throw OperationError(.badRequest, problem) }
            try decide(
                token.run,
                isWaiting
                    ? .answered(token, result: result) : .completed(token, worker: nil, startedAt: nil, result: result))
        case .fail(let error):
            try decide(
                token.run,
                isWaiting ? .answerFailed(token, error: error) : .failed(token, worker: nil, startedAt: nil, error: error))
        case .heartbeat: if !isWaiting { try decide(token.run, .heartbeat(token, worker: state.worker)) }
        }
        let now = run.state.tasks.has(token.task) ? run.state.tasks[token.task] : state
        var view = AnswerView(run: token.run, task: node.id, status: now.status)
        if now.flags.contains(.cancelRequested), !now.status.isFinal { view.cancelRequested = true }
        return view
    }

    private static func tooLate(_ token: AttemptID) -> OperationError {
        OperationError(.conflict, "the attempt \(token) does not wait for an answer: it has ended, or another one has taken its place")
    }
}
