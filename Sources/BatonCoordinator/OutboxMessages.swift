import BatonBroker
import BatonModel
import BatonStore
import BatonWire

/// What becomes of an entry of the outbox: its message as it is due now, or nothing any more.
struct OutboxMessages: Sendable {
    enum Step {
        /// - Parameter level: of a task's message, whose queue has to be there.
        case send(Publication, _ level: QueueLevel?)
        /// There is nothing to send any more.
        case settled
        /// There is nothing to send, but the entry is needed still.
        case dropped
    }

    let topology: Topology
    let builder: MessageBuilder
    let now: @Sendable () -> Timestamp
    /// Told of attempts whose message can't be made.
    let undeliverable: @Sendable (AttemptID, TaskError, _ entry: Int64) -> Void
    let isPaused: @Sendable (QueueName) -> Bool

    /// - Parameter isRepeated: it may have been sent before.
    func step(_ entry: OutboxEntry, isRepeated: Bool, _ reader: any StoreReader) throws -> Step {
        switch entry.content {
        case .task(let key, let number):
            guard let data = try reader.dispatch(key), Int(data.state.attempt) == number,
                !isPaused(data.spec.queue), data.state.status == .queued || (isRepeated && data.state.status == .running)
            else { return .settled }
            let attempt = AttemptID(run: data.run.id, task: key.task, number: number)
            let origin = try origin(of: data, key, reader)
            do throws(TaskError) {
                let message = try builder.message(
                    data, origin: origin, attempt: attempt, isRepeated: isRepeated, now: now())
                let level = QueueLevel(data.spec.queue, data.spec.priority)
                return .send(
                    Publication(
                        exchange: topology.tasks.name, routingKey: topology.tasksKey(level.queue, level.priority), message: message),
                    level)
            } catch {
                // Its entry stays until what becomes of the task is stored.
                undeliverable(attempt, error, entry.number)
                return .dropped
            }
        case .events: return .settled
        case .outcome(let run):
            guard let publication = try outcome(of: run, reader) else { return .settled }
            return .send(publication, nil)
        case .park(let key, let number, let reason):
            guard let data = try reader.dispatch(key) else { return .settled }
            let attempt = AttemptID(run: data.run.id, task: key.task, number: number)
            let origin = try origin(of: data, key, reader)
            guard var message = try? builder.message(data, origin: origin, attempt: attempt, isRepeated: true, now: now())
            else { return .settled }
            message.headers[HeaderName.parkedReason] = .string(reason)
            message.headers[HeaderName.parkedFrom] = .string(topology.tasksQueue(data.spec.queue, data.spec.priority).name)
            message.headers[HeaderName.parkedAt] = .string(now().description)
            return .send(Publication(exchange: topology.parking.name, routingKey: "", message: message), nil)
        }
    }

    private func outcome(of number: RunNumber, _ reader: any StoreReader) throws -> Publication? {
        guard let run = try reader.run(number: number), let reply = run.reply else { return nil }
        let id = run.header.id
        let results = try reader.results(of: number, limit: builder.limits.messageBytes)
        if reply.format == .celery {
            let error = try reader.error(TaskKey(number, 0)) ?? run.progress.ending?.error
            let result = CeleryResult(
                task: reply.correlationID ?? "", run.progress.status, result: results?.first?.1, error: error)
            return Publication(exchange: "", routingKey: reply.replyTo, message: result.message(at: run.progress.finishedAt ?? now()))
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("run", id.rawValue)
            writer.field("status", run.progress.status.rawValue)
            writer.field("error", run.progress.ending?.error.json)
            if reply.isSingleTask {
                writer.field("result", results?.first?.1)
            } else if let results {
                writer.name("results")
                writer.object { for (task, result) in results { $0.field(task.rawValue, result) } }
            }
        }
        var message = Message(
            type: run.progress.status.rawValue, messageID: "\(id).outcome", correlationID: reply.correlationID,
            contentType: ContentType.json, appID: "baton", headers: [HeaderName.run: .string(id.rawValue)], body: writer.bytes)
        message.add(run.header.trace)
        return Publication(exchange: "", routingKey: reply.replyTo, message: message)
    }

    private func origin(of data: BatonStore.DispatchData, _ key: TaskKey, _ reader: any StoreReader) throws -> BatonStore.DispatchData? {
        guard MessageBuilder.needsOrigin(data.role), let index = data.origin?.index else { return nil }
        return try reader.dispatch(TaskKey(key.run, index))
    }
}
