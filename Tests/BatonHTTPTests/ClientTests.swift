import BatonClient
import BatonHTTP
import BatonModel
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Client and server over a socket", .timeLimit(.minutes(1)))
struct ClientTests {
    private let operations = CannedOperations()
    private let graph = Graph(name: "order", tasks: [TaskSpec(id: "a", handler: "core.echo", inputs: .emptyObject)])

    @Test("a graph is submitted, followed and read")
    func wholeRun() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(graph, key: "k")
            #expect(try await client.submit(graph, key: "k").submitted.existing == true)
            operations.happen(.runSubmitted, in: run.id)
            async let seen = run.events.reduce(into: []) { $0.append($1.type) }
            await operations.waiting(reaches: 1)
            operations.happen(.taskStarted, in: run.id, task: "a")
            operations.complete("a", of: run.id, result: try JSON(parsing: #"{"total": 9007199254740993}"#))
            operations.happen(.runCompleted, in: run.id)
            #expect(try await seen == [.runSubmitted, .taskStarted, .runCompleted])
            #expect(try await run.wait().status == .completed)
            let result: [String: Int64] = try await run.result(of: "a")
            #expect(result == ["total": 9_007_199_254_740_993])
        }
    }

    @Test("everything that can be asked for comes back")
    func calls() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "127.0.0.1:\(port)/")
            let document = Array("name: n\ntasks: [{id: a, handler: h}]".utf8)
            let run = try await client.submit(document: document, contentType: "application/yaml")
            #expect(try await client.run(run.id) == run.submitted)
            #expect(try await client.runs(RunFilter(name: "n", status: .running), limit: 5).items == [run.submitted])
            #expect(try await client.tasks(of: run.id, status: .pending).items.map(\.id) == ["a"])
            #expect(try await client.task("a", of: run.id).handler == "h")
            #expect(try await client.history(of: run.id).isEmpty)
            #expect(try await client.cancel(task: "a", of: run.id).outcome == .cancelled)
            #expect(try await run.cancel(reason: "ümläut \"quoted\"").status == "ümläut \"quoted\"")
            #expect(try await client.workers().map(\.id) == ["worker-1"])
            #expect(try await client.queues().map(\.name) == ["default"])
            operations.state.withLock { $0.health.ready = false }
            let health = try await client.health()
            #expect(!health.ready)
        }
    }

    @Test("refusals carry every problem")
    func refusals() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let error = await #expect(throws: ClientError.self) {
                try await client.submit(Graph(name: "n", tasks: [TaskSpec(id: "a", handler: "h", dependencies: [Dependency("z")])]))
            }
            #expect(error?.problem?.status == 422)
            #expect(error?.problem?.problems?.first?.path == "tasks[0].dependencies[0]")
            #expect(error?.isRetryable == false)
            let unknown = await #expect(throws: ClientError.self) { try await client.run("a/b?c") }
            #expect(unknown?.message.contains("'a/b?c'") == true)
            let run = try await client.submit(graph)
            let early = await #expect(throws: ClientError.self) { try await run.result(of: "a", as: Int.self) }
            #expect(early?.code == .notCompleted)
        }
    }

    @Test("payloads arrive as they were sent, whatever their numbers")
    func payloads() async throws {
        let payload = try JSON(parsing: #"{"big":123456789012345678901234567890,"huge":1e999,"tenth":0.10}"#)
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(Graph(name: "n", tasks: [TaskSpec(id: "a", handler: "h", inputs: payload)]))
            operations.happen(.taskProgress, in: run.id, task: "a", data: payload)
            operations.happen(.runCompleted, in: run.id, data: .null)
            let task = try await client.task("a", of: run.id)
            #expect(task.inputs == payload)
            let history = try await client.history(of: run.id)
            #expect(history.map(\.data) == [payload, .null])
            let streamed = try await run.events.reduce(into: []) { $0.append($1) }
            #expect(streamed == history)
        }
    }

    @Test("a body over the limit is refused while it is still being sent")
    func tooLarge() async throws {
        var limits = Limits()
        limits.documentBytes = 1 << 20
        try await withServer(CannedOperations(limits: limits)) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let error = await #expect(throws: ClientError.self) {
                try await client.submit(document: Array(repeating: 0x20, count: 8 << 20))
            }
            #expect(error?.problem?.detail.contains("documentBytes") == true)
            let health = try await client.health()
            #expect(health.ready)
        }
    }

    @Test("where nobody listens, the client says so at once")
    func unreachable() async throws {
        let port = try await withServer(operations) { $0 }
        let error = await #expect(throws: ClientError.self) {
            for try await _ in BatonClient(server: "http://127.0.0.1:\(port)").events(of: "run-1") {}
        }
        #expect(error?.code == .unreachable)
        #expect(error?.isRetryable == true)
        for server in ["ftp://127.0.0.1:1", "http://", "not an address"] {
            let error = await #expect(throws: ClientError.self) { try await BatonClient(server: server).workers() }
            #expect(error?.code == .invalidServer, "\(server)")
        }
    }

    @Test("a stream of events outlives the server")
    func restart() async throws {
        let run = try await operations.submit(graph).id
        operations.happen(.runSubmitted, in: run)
        var iterator: RunEvents.Iterator?
        var seen: [Int] = []
        let port = try await withServer(operations) { port in
            iterator = BatonClient(server: "http://127.0.0.1:\(port)").events(of: run).makeAsyncIterator()
            if let event = try await iterator?.next() { seen.append(event.id) }
            return port
        }
        operations.happen(.taskStarted, in: run, task: "a")
        try await withServer(operations, port: port) { _ in
            if let event = try await iterator?.next() { seen.append(event.id) }
            operations.happen(.runFailed, in: run)
            while let event = try await iterator?.next() { seen.append(event.id) }
        }
        #expect(seen == [1, 2, 3])
    }

    @Test("a run that has ended is not waited for")
    func ended() async throws {
        let run = try await operations.submit(graph).id
        operations.happen(.runCompleted, in: run)
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            for try await _ in client.events(of: run, after: 1) { Issue.record("an event after the last one") }
        }
    }

    @Test("silence is filled, and a client that goes away is noticed")
    func leaving() async throws {
        let run = try await operations.submit(graph).id
        operations.happen(.runSubmitted, in: run)
        try await withServer(operations, keepAlive: .milliseconds(20)) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            for try await event in client.events(of: run) {
                await operations.waiting(reaches: 1)
                await operations.waiting(reaches: 0)
                await operations.waiting(reaches: 1)
                #expect(event.id == 1)
                break
            }
        }
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            for try await _ in client.events(of: run) {
                await operations.waiting(reaches: 1)
                break
            }
            await operations.waiting(reaches: 0)
        }
    }

    @Test("a graceful shutdown ends the streams and lets the client come back")
    func gracefulShutdown() async throws {
        let run = try await operations.submit(graph).id
        operations.happen(.runSubmitted, in: run)
        let (ports, source) = AsyncStream.makeStream(of: Int.self)
        let server = try HTTPServer(operations: operations, address: "127.0.0.1:0") { source.yield($0) }
        let services = ServiceGroup(services: [server], logger: .init(label: "test"))
        let port = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let port = try #require(await ports.first { _ in true })
            var iterator = BatonClient(server: "http://127.0.0.1:\(port)").events(of: run).makeAsyncIterator()
            _ = try await iterator.next()
            await operations.waiting(reaches: 1)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            operations.happen(.runCancelled, in: run)
            try await withServer(operations, port: port) { _ in
                let last = try await iterator.next()
                #expect(last?.type == .runCancelled)
                let end = try await iterator.next()
                #expect(end == nil)
            }
            return port
        }
        #expect(port > 0)
    }

    @Test("cancelling the task that reads ends it")
    func cancellation() async throws {
        let run = try await operations.submit(graph).id
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { for try await _ in client.events(of: run) {} }
                }
                await operations.waiting(reaches: 1)
                group.cancelAll()
            }
            await operations.waiting(reaches: 0)
        }
    }

    @Test(
        "only loopback, unless told otherwise",
        arguments: ["0.0.0.0:7070", "192.168.0.1:0", "[::]:7070", "example.com:80", "127.0.0.1.evil.example:80"])
    func remote(address: String) throws {
        let error = #expect(throws: ListenAddressError.self) { try HTTPServer(operations: operations, address: address) }
        #expect(error?.description.contains("only on loopback") == true)
        _ = try HTTPServer(operations: operations, address: address, allowRemote: true)
    }

    @Test("addresses that are none", arguments: ["", "7070", "127.0.0.1", "127.0.0.1:x", ":7070", "::1:7070", "127.0.0.1:70700"])
    func badAddress(address: String) {
        let error = #expect(throws: ListenAddressError.self) { try HTTPServer(operations: operations, address: address) }
        #expect(error?.description.contains("is not an address") == true)
        for address in ["127.0.0.1:0", "localhost:7070", "[::1]:0", "127.1.2.3:1"] {
            #expect(throws: Never.self) { try HTTPServer(operations: operations, address: address) }
        }
    }
}
