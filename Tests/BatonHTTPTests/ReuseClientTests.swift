import BatonClient
import BatonCoordinator
import BatonModel
import Testing

@Suite("The client's reruns, copies, batches, answers and schedules", .timeLimit(.minutes(1)))
struct ReuseClientTests {
    private let operations = CannedOperations()
    private let graph = Graph(name: "order", tasks: [TaskSpec(id: "a", handler: "core.echo", inputs: .emptyObject)])

    @Test("a batch gives a handle or a problem for each graph")
    func batch() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let wrong = Graph(name: "n", tasks: [TaskSpec(id: "a", handler: "h", dependencies: [Dependency("z")])])
            let outcomes = try await client.submit(batch: [graph, wrong, graph])
            #expect(try outcomes[0].get().submitted.name == "order")
            let problem = #expect(throws: Problem.self) { try outcomes[1].get() }
            #expect(problem?.refusal == .invalidGraph)
            #expect(problem?.problems?.first?.path == "tasks[0].dependencies[0]")
            #expect(try outcomes[2].get().id != outcomes[0].get().id)
            #expect(try await client.submit(batch: [Graph]()).isEmpty)
            let many = await #expect(throws: ClientError.self) {
                try await client.submit(batch: Array(repeating: JSON.emptyObject, count: 1001))
            }
            #expect(many?.refusal == .tooLarge)
        }
    }

    @Test("a run is run again, copied, linked, archived and mixed")
    func reuse() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(graph)
            operations.happen(.runCompleted, in: run.id)
            let known = try JSON(parsing: #"{"name":"n","input":9007199254740993}"#)
            #expect(try await run.rerun().id == run.id)
            #expect(try await run.rerun(RerunRequest(from: ["a"], graph: known, force: true)).submitted.status == .running)
            let request = ReuseRequest(
                tasks: ["a"], children: false, upstream: true, dependents: false, name: "x \"y\"", key: "k", owner: "me")
            let copy = try await run.copy(request)
            #expect(copy.submitted.kind == .copy)
            #expect(try await run.copy(request).submitted.existing == true)
            #expect(try await run.link().submitted.kind == .link)
            #expect(try await run.archive().submitted.kind == .archive)
            #expect(try await run.mixed(link: ["a"]).submitted.origin == run.id)
            #expect(
                operations.calls == [
                    .rerun(run.id, RerunRequest()), .rerun(run.id, RerunRequest(from: ["a"], graph: known, force: true)),
                    .make(.copy, run.id, request), .make(.copy, run.id, request), .make(.link, run.id, ReuseRequest()),
                    .make(.archive, run.id, ReuseRequest()), .make(.mixed, run.id, ReuseRequest(link: ["a"])),
                ])
            let filter = RunFilter(family: "f", origin: run.id, schedule: "s")
            _ = try await client.runs(filter)
            #expect(operations.calls.last == .list(filter))
        }
    }

    @Test("a program can switch on why it was refused")
    func refusals() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(graph)
            let cases: [(OperationError.Code, Refusal)] = [
                (.frozen, .frozen), (.notCompleted, .notCompleted), (.denied, .denied), (.conflict, .conflict), (.notFound, .notFound),
                (.invalid, .invalidGraph), (.badRequest, .badRequest), (.unavailable, .unavailable),
            ]
            for (code, refusal) in cases {
                operations.state.withLock { $0.failure = OperationError(code, "no, because") }
                let error = await #expect(throws: ClientError.self) { try await run.link() }
                #expect(error?.refusal == refusal)
                #expect(error?.message == "no, because")
                #expect(error?.isRetryable == (code == .unavailable))
            }
            operations.state.withLock { $0.failure = StartFailure() }
            let error = await #expect(throws: ClientError.self) { try await run.rerun() }
            #expect(error?.refusal == .other)
        }
        let nobody = await #expect(throws: ClientError.self) { try await BatonClient(server: "http://127.0.0.1:1").link("run-1") }
        #expect(nobody?.refusal == nil)
    }

    @Test("many are cancelled in one call")
    func cancel() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(graph)
            var request = CancelManyRequest(
                runs: [run.id, "nope"], tasks: [TaskReference(run: run.id, task: "a")], correlationId: "c", name: "n", owner: "o",
                status: .running, family: "f", reason: "ümläut")
            let view = try await client.cancel(request)
            #expect((view.cancelled, view.cancelling, view.notFound) == (1, 1, 1))
            #expect(operations.calls == [.cancel(request)])
            request = CancelManyRequest(reason: "why")
            let error = await #expect(throws: ClientError.self) { try await client.cancel(request) }
            #expect(error?.refusal == .badRequest)
        }
    }

    @Test("a waiting task is completed, failed and kept alive from outside")
    func answers() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(graph)
            let token = AttemptID(run: run.id, task: 0, number: 1)
            let result = try JSON(parsing: #"{"n":123456789012345678901234567890}"#)
            let error = TaskError(type: "declined", message: "no", retryable: false, retryAfterMs: 5, details: result)
            #expect(try await client.heartbeat(token: token).cancelRequested == true)
            #expect(try await client.fail(token: token, error).status == .retrying)
            #expect(try await client.complete(token: token, encoding: ["n": 7]).status == .completed)
            #expect(try await client.complete(token: token).task == "a")
            #expect(try await client.complete(token: token, result: result).run == run.id)
            let task = try await client.task("a", of: run.id)
            #expect(task.result == result)
            let answers: [Answer] = [
                .heartbeat, .fail(error), .complete(try JSON(parsing: #"{"n":7}"#)), .complete(.null), .complete(result),
            ]
            #expect(operations.calls == answers.map { .answer(token, $0) })
            let unknown = await #expect(throws: ClientError.self) {
                try await client.complete(token: AttemptID(run: "nope", task: 0, number: 1))
            }
            #expect(unknown?.refusal == .notFound)
        }
    }

    @Test("a task's new parts arrive")
    func taskView() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(graph)
            let feedback = try JSON(parsing: #"{"n":123456789012345678901234567890}"#)
            operations.state.withLock { state in
                state.tasks[run.id]?[0].token = AttemptID(run: run.id, task: 0, number: 1)
                state.tasks[run.id]?[0].feedback = feedback
                state.tasks[run.id]?[0].items = LoopView(total: 4, ended: 2, running: 1, failed: 1)
                state.tasks[run.id]?[0].linkedTo = TaskReference(run: "other", task: "b")
            }
            let task = try await client.task("a", of: run.id)
            #expect(task == operations.state.withLock { $0.tasks[run.id]?[0] })
            #expect(task.feedback == feedback)
        }
    }

    @Test("a schedule is created, listed, changed and removed")
    func schedules() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let schedule = Schedule(name: "nightly", recurrence: .every(.seconds(3600)), graph: graph.document)
            let created = try await client.create(schedule)
            #expect(created.document == schedule.document)
            #expect(try await client.schedule("nightly") == created)
            #expect(try await client.pauseSchedule("nightly").status == .paused)
            #expect(try await client.resumeSchedule("nightly").status == .active)
            let yaml = "name: b\nevery: 1h\ngraph: {name: n, tasks: [{id: a, handler: h}]}"
            _ = try await client.createSchedule(document: Array(yaml.utf8), contentType: "application/yaml")
            let page = try await client.schedules(limit: 1)
            #expect(page.items.map(\.name) == ["b"])
            #expect(try await client.schedules(cursor: page.cursor).items.map(\.name) == ["nightly"])
            let twice = await #expect(throws: ClientError.self) { try await client.create(schedule) }
            #expect(twice?.refusal == .conflict)
            let wrong = await #expect(throws: ClientError.self) { try await client.createSchedule(document: Array("name: b".utf8)) }
            #expect(wrong?.refusal == .invalidSchedule)
            #expect(wrong?.problem?.problems?.contains { $0.path == "graph" } == true)
            try await client.removeSchedule("nightly")
            let gone = await #expect(throws: ClientError.self) { try await client.removeSchedule("nightly") }
            #expect(gone?.refusal == .notFound)
        }
    }

    @Test("a run that ended and goes on is followed to its latest end")
    func restarted() async throws {
        try await withServer(operations) { port in
            let client = BatonClient(server: "http://127.0.0.1:\(port)")
            let run = try await client.submit(graph)
            operations.happen(.runSubmitted, in: run.id)
            operations.happen(.runFailed, in: run.id)
            let first = try await run.events.reduce(into: []) { $0.append($1.type) }
            #expect(first == [.runSubmitted, .runFailed])
            let again = try await run.rerun()
            async let seen = again.events.reduce(into: []) { $0.append($1.type) }
            await operations.waiting(reaches: 1)
            operations.happen(.runCompleted, in: run.id)
            #expect(try await seen == [.runSubmitted, .runFailed, .runRestarted, .runCompleted])
            let end = try await again.wait()
            #expect(end.status == .completed)
        }
    }
}
