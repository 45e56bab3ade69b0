import AsyncHTTPClient
import BatonModel
import Foundation

/// A coordinator's HTTP API, as any program would use it.
struct ServerAPI: Sendable {
    let base: String
    var token: String?

    struct Answer: Sendable {
        var status: Int
        var contentType: String
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value { try Self.decode(body, type) }

        static func decode<Value: Decodable>(_ bytes: [UInt8], _ type: Value.Type = Value.self) throws -> Value {
            do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
                throw Failure("\(error) in: \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
            }
        }
    }

    func ask(
        _ method: String, _ path: String, body: [UInt8]? = nil, contentType: String = "application/json"
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        authorize(&request)
        if let body {
            request.headers.add(name: "content-type", value: contentType)
            request.body = .bytes(body)
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let buffer = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code), contentType: response.headers.first(name: "content-type") ?? "",
            body: Array(buffer.readableBytesView))
    }

    private func authorize(_ request: inout HTTPClientRequest) {
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
    }

    /// - Throws: `Problem` where the server refuses.
    private func get<Value: Decodable>(_ path: String) async throws -> Value { try await accepted(ask("GET", path)) }

    private func accepted<Value: Decodable>(_ answer: Answer) throws -> Value {
        guard answer.status < 300 else { throw try answer.decode(Problem.self) }
        return try answer.decode()
    }

    // MARK: Runs

    @discardableResult
    func submit(_ document: JSONValue) async throws -> RunView {
        try accepted(try await ask("POST", "/v1/runs", body: JSON(document).bytes))
    }

    func run(_ run: RunID) async throws -> RunView { try await get("/v1/runs/\(run)") }
    func task(_ task: TaskID, of run: RunID) async throws -> TaskView { try await get("/v1/runs/\(run)/tasks/\(task)") }

    func runs() async throws -> [RunView] { try await get("/v1/runs?limit=1000", as: Page<RunView>.self).items }
    func queues() async throws -> [QueueView] { try await get("/v1/queues", as: Page<QueueView>.self).items }
    func workers() async throws -> [WorkerView] { try await get("/v1/workers", as: Page<WorkerView>.self).items }

    private func get<Value: Decodable>(_ path: String, as type: Value.Type) async throws -> Value { try await get(path) }

    /// All of them, by their ids.
    func tasks(of run: RunID) async throws -> [TaskID: TaskView] {
        var tasks: [TaskID: TaskView] = [:]
        var cursor: String?
        repeat {
            let next = cursor.map { "&cursor=\($0)" } ?? ""
            let page = try await get("/v1/runs/\(run)/tasks?limit=1000\(next)", as: Page<TaskView>.self)
            for task in page.items { tasks[task.id] = task }
            cursor = page.cursor
        } while cursor != nil
        return tasks
    }

    func cancel(_ run: RunID, task: TaskID? = nil, reason: String) async throws -> CancelView {
        let path = "/v1/runs/\(run)" + (task.map { "/tasks/\($0)" } ?? "") + "/cancel"
        return try accepted(try await ask("POST", path, body: JSON(["reason": .string(reason)]).bytes))
    }

    // MARK: Events

    /// All that are stored.
    func events(of run: RunID) async throws -> [EventView] {
        var events: [EventView] = []
        while true {
            let page = try await get("/v1/runs/\(run)/events?limit=1000&after=\(events.last?.id ?? 0)", as: Page<EventView>.self)
            if page.items.isEmpty { return events }
            events += page.items
        }
    }

    /// Follows the stream of events from the first one until one fits, over restarts of the coordinator.
    @discardableResult
    func event(
        of run: RunID, within limit: Duration = .seconds(60), _ what: String,
        _ fits: @escaping @Sendable (EventView) -> Bool
    ) async throws -> EventView {
        try await within(limit, "\(what) of run \(run)") {
            var last = 0
            while true {
                do {
                    if let event = try await follow(run, &last, fits) { return event }
                    if try await self.run(run).status.isFinal, try await events(of: run).allSatisfy({ !fits($0) }) {
                        throw Failure("run \(run) ended without \(what)")
                    }
                } catch let error as Problem where error.status < 500 {
                    throw error
                } catch let error as Failure {
                    throw error
                } catch {
                    // The coordinator is away.
                    try await ContinuousClock().sleep(for: .milliseconds(50))
                }
            }
        }
    }

    /// - Returns: `nil` at the stream's end.
    private func follow(_ run: RunID, _ last: inout Int, _ fits: (EventView) -> Bool) async throws -> EventView? {
        var request = HTTPClientRequest(url: base + "/v1/runs/\(run)/events")
        request.headers.add(name: "accept", value: "text/event-stream")
        authorize(&request)
        if last > 0 { request.headers.add(name: "last-event-id", value: String(last)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .hours(1))
        if response.status == .noContent { return nil }
        guard response.status == .ok else {
            throw try Answer.decode(Array(try await response.body.collect(upTo: 1 << 20).readableBytesView), Problem.self)
        }
        var rest: [UInt8] = []
        for try await part in response.body {
            rest += part.readableBytesView
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(rest[..<end])
                rest.removeSubrange(...end)
                let prefix = Array("data: ".utf8)
                guard line.starts(with: prefix) else { continue }
                let event = try Answer.decode(Array(line.dropFirst(prefix.count)), EventView.self)
                guard event.id == last + 1 else { throw Failure("event \(event.id) comes after \(last)") }
                last = event.id
                if fits(event) { return event }
            }
        }
        return nil
    }

    /// The run once it has ended.
    func end(of run: RunID, within limit: Duration = .seconds(60)) async throws -> RunView {
        try await event(of: run, within: limit, "the end") { $0.type.endsRun }
        return try await eventually("run \(run)") { try await self.run(run) }
    }

    /// The event by which a task started, which only one that runs for a while has.
    func start(of task: TaskID, in run: RunID, attempt: Int = 1, within limit: Duration = .seconds(60)) async throws -> EventView {
        try await event(of: run, within: limit, "the start of \(task), attempt \(attempt)") {
            $0.type == .taskStarted && $0.task == task && $0.attempt == attempt
        }
    }
}
