import BatonEngine
import BatonModel
import BatonWire

extension FuzzTarget {
    static let task = FuzzTarget("task", "task messages, as workers read them", tokens: Tokens.messages) { bytes in
        guard let task = try read({ () throws(WireError) in try TaskMessage(MessageText(bytes).message) }) else { return }
        let again = try succeeds("a task message that was read can't be written") { try TaskMessage(task.message) }
        var expected = task
        // AMQP has whole seconds since 1970.
        expected.sentAt = again.sentAt
        try expectEqual(again, expected, "a task message changes on the wire")
        try expect(task.round >= 1 && task.round <= TaskMessage.lastRound, "round \(task.round)")
    }

    static let report = FuzzTarget("report", "reports, as the coordinator reads them", tokens: Tokens.messages) { bytes in
        guard let report = try read({ () throws(WireError) in try Report(MessageText(bytes).message) }) else { return }
        let again = try succeeds("a report that was read can't be written") { try Report(report.message()) }
        try expectEqual(again, report, "a report changes on the wire")
        switch report.content {
        case .completed(_, let dispatch):
            try expect(dispatch.count <= Report.maximumDispatchedTasks, "\(dispatch.count) tasks are dispatched")
            try expect(dispatch.reduce(0) { $0 + $1.bytes.count } <= Report.maximumDispatchBytes, "the tasks that are dispatched are too large")
            if !dispatch.isEmpty { try checkDispatch(dispatch) }
        case .progress(let progress): try expect((0...1).contains(progress.fraction ?? 0), "\(progress.fraction ?? 0) is no fraction")
        case .log(let lines):
            try expect(Report.lines(of: lines, now: Timestamp(milliseconds: 0)).count <= LogLine.maximumLinesOfReport, "too many lines")
        default: break
        }
        if case .completed(let result, _) = report.content { try checkPassing(on: result) }
    }

    /// A result becomes part of the messages of those who depend on it.
    private static func checkPassing(on result: JSON) throws(Finding) {
        let part = MergedInputs.Part(Dependency("a"), status: .completed, finishedAt: nil, result: result, error: nil)
        _ = try succeeds("a task that depends on a result can't be sent") {
            let inputs = try MergedInputs.merge(nil, try MergedInputs.context([part]), isFlat: false)
            return try TaskMessage.Body(TaskMessage.Body(inputs: inputs).bytes)
        }
    }

    private static func checkDispatch(_ list: [JSON]) throws(Finding) {
        var writer = JSONWriter()
        writer.array { for task in list { $0.write(task) } }
        do throws(InvalidGraph) { _ = try GraphReader.read(dispatch: writer.bytes, limits: limits, checks: .standard) } catch { try check(error) }
    }

    private static let controls =
        ["cancel", "leased", "claimed", "welcome", "announce", "drain", "worker", "seen"].map { "type: \($0)\n" }
        + ["attempts", "granted", "refused", "cancelled", "reason", "worker", "handlers", "hooks", "queues", "slots", "tags", "running", "state", "startedAt"]
        .map { "\"\($0)\":" } + ["\"starting\""]

    static let control = FuzzTarget("control", "what coordinators tell workers, and workers of themselves", tokens: Tokens.messages + controls) { bytes in
        let message = MessageText(bytes).message
        if let control = try read({ () throws(WireError) in try Control.read(message) }) ?? nil {
            let again = try succeeds("what was read can't be written") { try Control.read(control.message()) }
            try expectEqual(again, control, "a control message changes on the wire")
        }
        if let worker = try read({ () throws(WireError) in try WorkerMessage.read(message) }) ?? nil {
            let again = try succeeds("what was read can't be written") { try WorkerMessage.read(worker.message) }
            try expectEqual(again, worker, "a worker's message changes on the wire")
        }
    }

    static let submission = FuzzTarget("submission", "submissions: graphs, single tasks, CloudEvents", tokens: Tokens.messages + Tokens.events + Tokens.graph) { bytes in
        do {
            let submission = try Submission(MessageText(bytes).message, limits: limits, checks: .standard)
            for (name, text) in [("key", submission.graph.key), ("correlationId", submission.graph.correlationID), ("owner", submission.graph.owner)] {
                try expect(text != "" && text?.utf8.contains { $0 < 0x20 || $0 == 0x7F } != true, "the \(name) is not plain text: \(text ?? "")")
            }
            var graph = submission.graph
            // AMQP's own limit holds for what comes as a property.
            if let key = graph.key, key.utf8.count > 255 { graph.key = nil }
            if let id = graph.correlationID, id.utf8.count > 255 { graph.correlationID = nil }
            try check(graph)
        } catch let error as InvalidGraph {
            try check(error)
        }
    }

    static let celery = FuzzTarget("celery", "tasks and results of Celery, protocol 2", tokens: Tokens.celery) { bytes in
        let message = MessageText(bytes).message
        do {
            let task = try CeleryTask(message, limits: limits)
            for time in [0, 1_764_000_000_000, Int64.max] {
                let graph = task.graph(queue: .default, now: Timestamp(milliseconds: time))
                _ = try succeeds("the graph of a task that was read is refused") { try graph.validate(limits: limits) }
                if time > 0, graph.correlationID.map({ $0.utf8.count <= 255 }) ?? true { try check(graph) }
            }
        } catch let error as CeleryRefusal {
            try expect(!error.reason.isEmpty, "refused without a reason")
            try expect(error.replies.count <= 101, "\(error.replies.count) answers to one message")
        }
        if let result = try read({ () throws(WireError) in try CeleryResult(message) }) {
            let again = try succeeds("a result that was read can't be written") { try CeleryResult(result.message(at: Timestamp(milliseconds: 0))) }
            try expectEqual(again.task, result.task, "a result becomes another task's")
        }
    }

    private static func read<Value>(_ body: () throws(WireError) -> Value) throws(Finding) -> Value? {
        do throws(WireError) {
            return try body()
        } catch {
            try expect(!error.description.isEmpty, "refused without a reason")
            return nil
        }
    }
}

extension FuzzTarget {
    /// - Returns: `nil` where they are refused.
    static func itemsOrRefusal(_ source: Loop.Source) throws(Finding) -> [JSON]? {
        do throws(UnreadableItems) {
            return try Items.split(source)
        } catch {
            try expect(!error.description.isEmpty, "refused without a reason")
            return nil
        }
    }
}
