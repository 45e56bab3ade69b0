import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("C8, H8 answers from outside", .timeLimit(.minutes(1)))
struct C8H8Answers {
    private func question(_ rule: AnswerRule = AnswerRule(), schema: JSON? = nil) -> Graph {
        let ask = task("ask", handler: .answer).with {
            $0.rules.answer = rule
            $0.rules.schemas.result = schema
        }
        return graph(ask, task("z", after: .init("ask")))
    }

    private func ask(_ graph: Graph, _ cluster: TestCluster) async throws -> (run: RunID, token: AttemptID) {
        cluster.register("work", .echoing)
        let run = try await cluster.submit(graph)
        return (run.id, try #require(try await cluster.task("ask", of: run.id).token))
    }

    @Test("the answer is the task's result; a second one is a conflict")
    func complete() async throws {
        try await withCluster { cluster in
            let (run, token) = try await ask(question(), cluster)
            #expect(try await cluster.task("ask", of: run).status == .running)
            #expect(try await cluster.answer(token, .heartbeat).status == .running)
            #expect(try await cluster.answer(token, .complete(JSON("yes"))).status == .completed)
            #expect(try await cluster.wait(run).status == .completed)
            #expect(try await cluster.task("z", of: run).result?.value == ["ask": "yes"])
            for again in [Answer.complete(JSON("no")), .fail(TaskError(type: "e", message: "m")), .heartbeat] {
                #expect(await cluster.refusal { try await cluster.answer(token, again) } == .conflict)
            }
            #expect(try await cluster.task("ask", of: run).result?.value == "yes")
        }
    }

    @Test("a default that doesn't fit the schema is refused with the graph")
    func wrongDefault() async throws {
        try await withCluster { cluster in
            let graph = question(AnswerRule(deadline: .seconds(1), default: JSON(["n": 1])), schema: JSON(["type": "string"]))
            do {
                _ = try await cluster.submit(graph)
                Issue.record("it was accepted")
            } catch let error as OperationError {
                #expect(error.problems.map(\.path) == ["tasks[0].answer.default"])
            }
        }
    }

    @Test("two answers at the same time: one counts")
    func race() async throws {
        try await withCluster { cluster in
            let (run, token) = try await ask(question(), cluster)
            let outcomes = await withTaskGroup(of: OperationError.Code?.self) { group in
                for number in Int64(0)..<20 {
                    group.addTask { await cluster.refusal { try await cluster.answer(token, .complete(JSON(.integer(number)))) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1 && outcomes.count { $0 == .conflict } == 19)
            #expect(try await cluster.wait(run).status == .completed)
        }
    }

    @Test("a failure from outside is the task's, without another try")
    func fail() async throws {
        try await withCluster { cluster in
            let (run, token) = try await ask(question(), cluster)
            try await cluster.answer(token, .fail(TaskError(type: "refused", message: "not like this")))
            #expect(try await cluster.wait(run).status == .failed)
            #expect(try await cluster.task("ask", of: run).error?.type == "refused")
        }
    }

    @Test("at the deadline the default is the answer, or the task fails", arguments: [true, false])
    func deadline(_ hasDefault: Bool) async throws {
        let clock = TestClock()
        try await withCluster(clock: clock) { cluster in
            let rule = AnswerRule(deadline: .seconds(86_400), default: hasDefault ? JSON("no") : nil)
            let (run, token) = try await ask(question(rule), cluster)
            try await cluster.advance(by: .seconds(86_399))
            #expect(try await cluster.task("ask", of: run).status == .running)
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            try await cluster.advance(by: .seconds(1))
            #expect(try await cluster.wait(run).status == (hasDefault ? .completed : .failed))
            let view = try await cluster.task("ask", of: run)
            #expect(hasDefault ? view.result?.value == "no" : view.error?.type == TaskError.Kind.timeout)
            #expect(await cluster.refusal { try await cluster.answer(token, .complete(JSON("late"))) } == .conflict)
        }
    }

    @Test("a token of nothing, or of another attempt, is told so")
    func wrongToken() async throws {
        try await withCluster { cluster in
            let (run, token) = try await ask(question(), cluster)
            let other = AttemptID(run: run, task: token.task, number: 2)
            #expect(await cluster.refusal { try await cluster.answer(other, .complete(.null)) } == .conflict)
            let none = AttemptID(run: run, task: 77, number: 1)
            #expect(await cluster.refusal { try await cluster.answer(none, .complete(.null)) } == .conflict)
            let nobody = AttemptID(run: "r-nobody", task: 0, number: 1)
            #expect(await cluster.refusal { try await cluster.answer(nobody, .complete(.null)) } == .notFound)
            #expect(try await cluster.task("ask", of: run).status == .running)
        }
    }

    @Test("an answer that doesn't fit the schema is refused, and the task waits on")
    func schema() async throws {
        try await withCluster { cluster in
            let (run, token) = try await ask(question(schema: JSON(["type": "boolean"])), cluster)
            #expect(await cluster.refusal { try await cluster.answer(token, .complete(JSON("yes"))) } == .badRequest)
            #expect(try await cluster.task("ask", of: run).status == .running)
            try await cluster.answer(token, .complete(JSON(true)))
            #expect(try await cluster.wait(run).status == .completed)
        }
    }

    @Test("a cancelled question is over")
    func cancel() async throws {
        try await withCluster { cluster in
            let (run, token) = try await ask(question(), cluster)
            #expect(try await cluster.cancel(run).outcome == .cancelled)
            #expect(await cluster.refusal { try await cluster.answer(token, .complete(.null)) } == .conflict)
        }
    }

    @Test("a worker's task can be completed from outside; its worker is told to stop, and what it says later counts no more")
    func workersTask() async throws {
        try await withCluster { cluster in
            cluster.register("work", .hanging)
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.waitForEvent(run.id) { $0.type == .taskStarted }
            let token = AttemptID(run: run.id, task: 0, number: 1)
            #expect(try await cluster.answer(token, .complete(JSON("outside"))).status == .completed)
            #expect(try await cluster.wait(run.id).status == .completed)
            #expect(try await cluster.task("a", of: run.id).result?.value == "outside")
            #expect(try await cluster.published() == 0)
        }
    }

    @Test("a heartbeat from outside says that a cancel is asked for")
    func heartbeat() async throws {
        try await withCoordinator { cluster in
            try await ScriptedWorker.with(cluster) { worker in
                let run = try await cluster.submit(graph(task("a")))
                let attempt = try await worker.message("a").task.attempt
                #expect(try await cluster.answer(attempt, .heartbeat).cancelRequested == nil)
                try await cluster.cancel(run.id)
                #expect(try await cluster.answer(attempt, .heartbeat).cancelRequested == true)
            }
        }
    }
}
