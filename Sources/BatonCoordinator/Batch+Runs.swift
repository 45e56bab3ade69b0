import BatonEngine
import BatonModel
import BatonStore

/// New runs, and runs that are tasks of others.
extension Batch {
    mutating func submit(_ request: SubmissionRequest) throws {
        let graph = request.graph
        if let delivery = request.delivery { after.deliveries.append(delivery) }
        if let key = graph.key, let known = try transaction.run(owner: graph.owner, key: key) {
            if known.digest == request.digest, let run = try transaction.run(id: known.id) {
                after.answers.append { request.answer(.success((run, existing: true))) }
            } else {
                let error = OperationError(
                    .conflict, "the key '\(key)' belongs to run \(known.id), whose graph is another one: use a new key")
                after.answers.append { request.answer(.failure(error)) }
            }
            return
        }
        if let refusal = request.refusal { return after.answers.append { request.answer(.failure(refusal)) } }
        let run = try begin(
            request.prepared, digest: request.digest, reply: request.wantsResult ? request.reply : nil)
        let stored = StoredRun(number: run.number, header: run.state.header, progress: run.state.progress, reply: run.reply)
        after.answers.append { request.answer(.success((stored, existing: false))) }
    }

    /// Stores a run and starts it.
    ///
    /// - Parameter links: tasks that show another run's results.
    mutating func begin(
        _ prepared: PreparedGraph, digest: [UInt8], reply: ReplyAddress? = nil, lineage: (inout Lineage) -> Void = { _ in },
        links: [Int: TaskKey] = [:], skippedLinks: Set<Int> = []
    ) throws -> CachedRun {
        let graph = prepared.graph
        let id = RunID.generate(now: now, using: &generator)
        var origin = Lineage(family: id)
        lineage(&origin)
        let header = RunHeader(
            id: id, name: graph.name, key: graph.key, correlationID: graph.correlationID ?? id.rawValue, owner: graph.owner,
            timeout: graph.timeout, onFailure: graph.onFailure, createdAt: now, lineage: origin, trace: graph.trace)
        var state = RunState(graph, header: header)
        for task in links.keys { state.link(task, isSkipped: skippedLinks.contains(task)) }
        let reader: any StoreReader = transaction
        let effects = try state.begin(
            prepared, links: links.mapValues { source in { try reader.result(source) } }, now: now, settings: settings)
        let number = try transaction.insert(
            NewRun(header: header, digest: digest, input: graph.input, progress: state.progress, reply: reply))
        let dependencies = prepared.dependencies()
        let run = CachedRun(number, state, reply: reply)
        cache.insert(run)
        after.begunRuns += 1
        for (task, source) in links.sorted(by: { $0.key < $1.key }) { try transaction.link(TaskKey(number, task), to: source) }
        try perform(effects, on: run)
        // After the effects, so that each task is written once, as it stands after them.
        for (index, task) in graph.tasks.enumerated() {
            try transaction.insert(
                TaskDefinition(task, dependencies: dependencies[index]), run.state.tasks[index], at: TaskKey(number, index))
        }
        isWritten(run, tasks: graph.tasks.count)
        return run
    }

    /// The present attempt of a task that is a graph becomes a run.
    mutating func startChild(_ task: Int, of parent: CachedRun) throws {
        guard parent.state.tasks.has(task), parent.state.tasks[task].status == .running else { return }
        let attempt = parent.state.attemptID(of: task)
        if parent.state.tasks[task].flags.contains(.cancelRequested) {
            return try decide(parent.state.id, .childEnded(attempt, .cancelled, result: .null, error: nil))
        }
        guard let data = try transaction.dispatch(TaskKey(parent.number, task)), try transaction.child(of: attempt) == nil,
            var graph = parent.state.nodes[task].rules.graph
        else { return }
        graph.key = nil
        do {
            graph.input = try input(of: graph, data)
        } catch let error as TaskError {
            return try decide(parent.state.id, .childEnded(attempt, .failed, result: .null, error: error))
        }
        graph.correlationID = parent.state.header.correlationID
        graph.owner = parent.state.header.owner
        graph.trace = parent.state.header.trace?.child(of: attempt)
        let family = parent.state.header.lineage.family
        spent += Self.costOfRun + graph.tasks.count
        _ = try begin(try PreparedGraph(graph), digest: []) { lineage in
            lineage.family = family
            lineage.parent = attempt
        }
    }

    /// What the child sees as `input`: what its document says, and over it what the task's inputs come to.
    private func input(of graph: Graph, _ data: DispatchData) throws -> JSON? {
        let inputs = try TaskInputs.inputs(of: data, origin: nil)
        var input = inputs ?? graph.input
        let feedback = data.parts[.feedback]
        if inputs?.isObject != false, graph.input?.isObject != false, graph.input != nil || feedback != nil {
            var fields: [(String, JSON)] = (graph.input?.fields ?? []).map { ($0.name, $0.value) }
            for (name, value) in inputs?.fields ?? [] {
                fields.removeAll { $0.0 == name }
                fields.append((name, value))
            }
            if let feedback { fields = fields.filter { $0.0 != "feedback" } + [("feedback", feedback)] }
            var writer = JSONWriter()
            writer.object { writer in for (name, value) in fields { writer.field(name, value) } }
            input = writer.json
        }
        for schema in [graph.inputSchema, TaskInputs.spec(of: data).rules.schemas.inputs].compactMap(\.self) {
            guard let problem = schemas.problem(input ?? .null, schema) else { continue }
            throw TaskError(type: TaskError.Kind.invalidInputs, message: "inputs: \(problem)", retryable: false)
        }
        return input
    }

    /// The task that a run is gets its outcome.
    mutating func childEnded(_ child: CachedRun, _ attempt: AttemptID) throws {
        let progress = child.state.progress
        guard progress.status == .completed else {
            return try decide(attempt.run, .childEnded(attempt, progress.status, result: .null, error: progress.ending?.error))
        }
        guard let result = try result(of: child.number) else {
            let message = "the results of its graph have more than \(settings.loopResultBytes) bytes: let it end in a smaller one"
            let error = TaskError(type: TaskError.Kind.tooLarge, message: message, retryable: false)
            return try decide(attempt.run, .childEnded(attempt, .failed, result: .null, error: error))
        }
        if let problem = try problem(ofResult: result, of: attempt) {
            return try decide(
                attempt.run, .rejected(attempt, worker: nil, startedAt: nil, result: result, reason: problem))
        }
        try decide(attempt.run, .childEnded(attempt, .completed, result: result, error: nil))
    }

    /// Of a graph with one task at its end that one's result; else the results of all such tasks by their ids.
    private func result(of run: RunNumber) throws -> JSON? {
        guard let results = try transaction.results(of: run, limit: settings.loopResultBytes) else { return nil }
        if results.count == 1 { return results[0].1 }
        var writer = JSONWriter()
        writer.object { writer in for (task, result) in results { writer.field(task.rawValue, result) } }
        return writer.json
    }
}
