import BatonModel
import BatonTesting
import BatonWire
import BatonWorker
import Testing

@Suite("K2 how handlers do", .timeLimit(.minutes(1)))
struct K2Handlers {
    @Test("each attempt counts once: completed, failed, retried, lost; over restarts")
    func counts() async throws {
        try await withCluster { cluster in
            cluster.register("good", .succeeding())
            cluster.register("flaky", .failing(2, then: "ok"))
            cluster.register("bad", .failing(with: TaskError(type: "e", message: "m")))
            let retry = RetryPolicy(maxAttempts: 3, delay: .milliseconds(1))
            let run = try await cluster.submit(
                graph(
                    task("a", handler: "good"), task("b", handler: "good"), task("c", handler: "flaky", retry: retry),
                    task("d", handler: "bad")))
            try await cluster.wait(run.id)
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            let view = try await cluster.coordinator.handlers(slowest: 5)
            let handlers = view.items
            func handler(_ name: HandlerName) throws -> HandlerView { try #require(handlers.first { $0.name == name }) }
            #expect(try handler("good").completed == 2)
            #expect(try handler("good").successRate == 1)
            #expect(try handler("good").runTime?.count == 2)
            #expect(try handler("flaky").executions == 3)
            #expect(try handler("flaky").failed == 2)
            #expect(try handler("flaky").completed == 1)
            #expect(try handler("flaky").retries == 2)
            #expect(try handler("bad").failed == 1)
            #expect(try handler("bad").successRate == 0)
            #expect(view.slowest.count == 5)
            #expect(view.slowest.allSatisfy { $0.run == run.id && $0.handler != nil })
            #expect(view.slowest.map(\.milliseconds) == view.slowest.map(\.milliseconds).sorted(by: >))
        }
    }

    @Test("percentiles are right to within a twentieth")
    func percentiles() {
        var histogram = Histogram()
        for milliseconds in 1...1000 { histogram.add(.milliseconds(milliseconds)) }
        for (part, value) in [(0.5, 500.0), (0.95, 950), (0.99, 990)] {
            #expect(abs(histogram.percentile(part)! - value) < value * 0.03)
        }
        #expect(histogram.count == 1000)
        #expect(histogram.sum == 500_500)
    }
}

@Suite("K4 logs of attempts", .timeLimit(.minutes(1)))
struct K4Logs {
    @Test("a handler's lines are there for each attempt, in order, whether it failed or not")
    func lines() async throws {
        try await withCluster { cluster in
            cluster.register("work") { (_: JSON, context: TaskContext) -> String in
                for number in 1...5 { context.log(.info, "line \(number) of \(context.attempt)", data: JSON(["n": .number(Double(number))])) }
                guard context.attempt > 1 else {
                    context.log(.error, "giving up")
                    throw TaskError(type: "early", message: "not yet")
                }
                return "done"
            }
            let retry = RetryPolicy(maxAttempts: 2, delay: .milliseconds(1))
            let run = try await cluster.submit(graph(task("a", retry: retry)))
            #expect(try await cluster.wait(run.id).status == .completed)
            let all = try await cluster.coordinator.logs(of: "a", in: run.id, attempt: nil, limit: 100, cursor: nil).items
            #expect(all.map(\.message) == (1...5).map { "line \($0) of 1" } + ["giving up"] + (1...5).map { "line \($0) of 2" })
            #expect(all.map(\.attempt) == Array(repeating: 1, count: 6) + Array(repeating: 2, count: 5))
            #expect(all[5].level == .error)
            #expect(all[1].data?.value == ["n": 2])
            var paged: [String] = []
            var cursor: String?
            repeat {
                let page = try await cluster.coordinator.logs(of: "a", in: run.id, attempt: nil, limit: 4, cursor: cursor)
                paged += page.items.map(\.message)
                cursor = page.cursor
            } while cursor != nil
            #expect(paged == all.map(\.message))
            let second = try await cluster.coordinator.logs(of: "a", in: run.id, attempt: 2, limit: 100, cursor: nil).items
            #expect(second.count == 5 && second.allSatisfy { $0.attempt == 2 })
        }
    }

    @Test("an attempt that logs without end keeps a thousand lines and says that there were more")
    func cap() async throws {
        try await withCluster { cluster in
            cluster.register("work") { (_: JSON, context: TaskContext) -> Int in
                for number in 1...3000 { context.log(.debug, "\(number)") }
                return 0
            }
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.wait(run.id)
            var lines: [LogLine] = []
            var cursor: String?
            repeat {
                let page = try await cluster.coordinator.logs(of: "a", in: run.id, attempt: nil, limit: 1000, cursor: cursor)
                lines += page.items
                cursor = page.cursor
            } while cursor != nil
            #expect(lines.count == LogLine.maximumLines + 1)
            #expect(lines[999].message == "1000")
            #expect(lines.last?.level == .warning)
        }
    }

    @Test("lines of any form are read: texts, objects, one or many; what is too long is cut")
    func forms() throws {
        let now = Timestamp(milliseconds: 5)
        func lines(_ text: String) throws -> [LogLine] { Report.lines(of: try JSON(parsing: text), now: now) }
        #expect(try lines(#""hello""#) == [LogLine(at: now, message: "hello")])
        #expect(try lines(#"{"level": "ERROR", "message": "m", "at": 7}"#) == [LogLine(at: Timestamp(milliseconds: 7), level: .error, message: "m")])
        #expect(try lines(#"["a", {"message": 3, "level": "loud"}, [1]]"#).map(\.message) == ["a", "3", "[1]"])
        #expect(try lines("null") == [])
        #expect(try lines("[\(Array(repeating: "1", count: 500).joined(separator: ","))]").count == LogLine.maximumLinesOfReport)
        let long = String(repeating: "ü", count: LogLine.maximumMessage)
        #expect(try lines("\"\(long)\"")[0].message.utf8.count <= LogLine.maximumMessage)
    }
}

@Suite("J1 paused queues", .timeLimit(.minutes(1)))
struct J1Pause {
    @Test("nothing of a paused queue starts, over a restart too; all of it runs once when it is resumed")
    func pause() async throws {
        try await withCoordinator { cluster in
            let run = try await cluster.submit(Graph(name: "many", tasks: (0..<20).map { task(TaskID("t\($0)")) }))
            #expect(try await cluster.published() == 20)
            #expect(try await cluster.coordinator.pause(queue: .default).paused)
            let later = try await cluster.submit(graph(task("later")))
            await cluster.stopCoordinator()
            try cluster.startCoordinator()
            cluster.register("work", .succeeding())
            try await cluster.startWorker()
            // Another queue goes on, and by then the worker has asked for everything.
            let other = try await cluster.submit(graph(task("o").with { $0.queue = "other" }))
            try await cluster.startWorker(queues: ["other"])
            try await cluster.wait(other.id)
            #expect(try await cluster.run(run.id).counts == ["queued": 20])
            #expect(try await cluster.run(later.id).counts == ["queued": 1])
            #expect(try await cluster.coordinator.queues().first { $0.name == .default }?.paused == true)
            #expect(try await cluster.coordinator.resume(queue: .default).paused == false)
            #expect(try await cluster.wait(run.id).counts == ["completed": 20])
            #expect(try await cluster.wait(later.id).status == .completed)
            #expect(cluster.calls(of: "work").count == 22)
        }
    }

    @Test("what runs when its queue is paused goes on")
    func running() async throws {
        try await withCluster { cluster in
            let gate = Journal<Void>()
            cluster.register("work") {
                try await gate.first()
                return "done"
            }
            let run = try await cluster.submit(graph(task("a")))
            try await cluster.waitForCalls(of: "work")
            _ = try await cluster.coordinator.pause(queue: .default)
            gate.append(())
            #expect(try await cluster.wait(run.id).status == .completed)
            _ = try await cluster.coordinator.resume(queue: .default)
            #expect(cluster.calls(of: "work").count == 1)
        }
    }
}

@Suite("Traces", .timeLimit(.minutes(1)))
struct Traces {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("a producer's trace reaches each attempt, below a span of its own, and the events")
    func throughout() async throws {
        try await withCluster { cluster in
            let seen = Journal<TraceContext>()
            cluster.register("work") { (_: JSON, context: TaskContext) -> Int in
                if let trace = context.trace { seen.append(trace) }
                return 0
            }
            try await EventListener.with(cluster) { listener in
                var traced = graph(task("a"), task("b", after: .init("a")))
                traced.trace = TraceContext(traceparent: Self.parent, tracestate: "vendor=1")
                let run = try await cluster.submit(traced)
                try await cluster.wait(run.id)
                #expect(seen.all.count == 2)
                #expect(Set(seen.all.map(\.traceparent)).count == 2)
                #expect(seen.all.allSatisfy { $0.traceID == "0af7651916cd43dd8448eb211c80319c" && $0.tracestate == "vendor=1" })
                #expect(seen.all.allSatisfy { $0.traceparent.hasSuffix("-01") && $0.traceparent != Self.parent })
                #expect(try await cluster.run(run.id).traceparent == Self.parent)
                let event = try await listener.messages.first { $0.type == "run.completed" }
                #expect(event.headers.string("traceparent") == Self.parent)
            }
        }
    }

    @Test(
        "what is no trace context is left out",
        arguments: [
            "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        ])
    func wrong(_ text: String) { #expect(TraceContext(traceparent: text) == nil) }

    @Test("a later version of the header is read as far as it is known")
    func later() {
        let text = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"
        #expect(TraceContext(traceparent: text)?.traceID == "0af7651916cd43dd8448eb211c80319c")
    }
}
