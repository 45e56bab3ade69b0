import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite(.timeLimit(.minutes(1)))
struct RunningTests {
    @Test func aTaskIsRunReportedAndAcknowledged() async throws {
        try await withWorker { (harness: Harness) async throws in
            let attempt = harness.submit(0, "core.echo", ["a": 1])
            #expect(try await harness.outcome(attempt) == .completed(result: JSON(["a": 1])))
            try await harness.acknowledged(attempt)
            let report = try await harness.reports.first { $0.content.isOutcome }
            #expect(report.worker == harness.worker.id)
            #expect(report.startedAt != nil)
            #expect(harness.reports.all.count == 1)
        }
    }

    @Test func manyTasksAreAllRun() async throws {
        try await withWorker { (harness: Harness) async throws in
            for index in 0..<1000 { harness.submit(index, "core.noop", priority: Priority.allCases[index % 4]) }
            let reports = try await harness.reports.wait(for: 1000) { $0.content == .completed(result: .null) }
            #expect(Set(reports.map(\.attempt)).count == 1000)
            try await harness.broker.settled.wait(for: 1000) { $0.how == .acknowledge && $0.id?.hasPrefix("run.") == true }
        }
    }

    @Test func anUnknownHandlerNamesTheKnownOnes() async throws {
        try await withWorker { (harness: Harness) async throws in
            let error = try await harness.failure(harness.submit(0, "nobody"))
            #expect(error.type == "unknownHandler")
            #expect(error.retryable == true)
            #expect(error.message.contains("core.echo, core.fail"))
        }
    }

    @Test func badInputIsNamedByItsPath() async throws {
        struct Input: Codable { struct Line: Codable { var count: Int }; var lines: [Line] }
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register("typed") { (input: Input, _: TaskContext) in input }
        }) { (harness: Harness) async throws in
            let error = try await harness.failure(harness.submit(0, "typed", ["lines": [["count": "x"]]]))
            #expect(error.type == "invalidInputs")
            #expect(error.retryable == false)
            #expect(error.message.contains("lines[0].count"))
            let good = harness.submit(1, "typed", ["lines": [["count": 2]]])
            #expect(try await harness.outcome(good) == .completed(result: JSON(["lines": [["count": 2]]])))
        }
    }

    @Test func aLargeResultFails() async throws {
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register("large") { (_: JSON, _: TaskContext) in String(repeating: "x", count: 300_000) }
        }) { (harness: Harness) async throws in
            let error = try await harness.failure(harness.submit(0, "large"))
            #expect(error.type == "tooLarge")
            #expect(error.retryable == false)
        }
    }

    @Test func thrownErrorsKeepTheirTypes() async throws {
        struct Broken: Error, CustomStringConvertible { var description: String { "no luck" } }
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register("broken") { (_: JSON, _: TaskContext) -> JSON in throw Broken() }
            harness.worker.register("final") { (_: JSON, _: TaskContext) -> JSON in throw NonRetryable(Broken()) }
        }) { (harness: Harness) async throws in
            #expect(try await harness.failure(harness.submit(0, "broken")) == TaskError(type: "Broken", message: "no luck"))
            #expect(
                try await harness.failure(harness.submit(1, "final"))
                    == TaskError(type: "Broken", message: "no luck", retryable: false))
            #expect(
                try await harness.failure(harness.submit(2, "core.fail", ["message": "m", "type": "t"]))
                    == TaskError(type: "t", message: "m"))
            let second = harness.submit(3, "core.fail", ["message": "m", "attempts": 1], number: 2)
            #expect(try await harness.outcome(second) == .completed(result: .null))
            let shell = try await harness.failure(harness.submit(4, "core.shell", ["command": "true"]))
            #expect(shell.message.contains("BATON_ALLOW_SHELL"))
        }
    }

    @Test func theContextKnowsItsTask() async throws {
        let contexts = Journal<TaskContext>()
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register("look") { (_: JSON, context: TaskContext) in
                contexts.append(context)
                return try context.params(as: [String: String].self)
            }
        }) { (harness: Harness) async throws in
            let attempt = harness.submit(7, "look", number: 2) {
                $0.owner = "me"
                $0.body.params = JSON(["region": "eu"])
                $0.body.checkpoint = JSON(["done": 3])
                $0.body.missing = JSON(["quote": ["status": "failed", "error": ["type": "x", "message": "y"]]])
            }
            #expect(try await harness.outcome(attempt) == .completed(result: JSON(["region": "eu"])))
            let context = try await contexts.first()
            #expect(context.runID == "run")
            #expect(context.taskID == "t7")
            #expect(context.attempt == 2)
            #expect(context.maxAttempts == 3)
            #expect(context.owner == "me")
            #expect(try context.checkpoint(as: [String: Int].self) == ["done": 3])
            #expect(context.missingDependencies["quote"]?.status == .failed)
            #expect(context.missingDependencies["quote"]?.error?.type == "x")
        }
        contexts.clear()
    }

    @Test("C6, E8: an attempt sees the feedback on the one before, and its checkpoint, as they were sent")
    func feedbackAndCheckpoint() async throws {
        let contexts = Journal<TaskContext>()
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.register("look") { (_: JSON, context: TaskContext) -> JSON in
                contexts.append(context)
                return .null
            }
        }) { (harness: Harness) async throws in
            harness.submit(0, "look")
            let bare = try await contexts.first { $0.taskID == "t0" }
            #expect(bare.feedback == nil)
            #expect(try bare.checkpoint(as: JSON.self) == nil)
            #expect(bare.round == 1)
            harness.submit(1, "look") {
                $0.body.feedback = JSON("shorter, please")
                $0.body.checkpoint = JSON(["page": 9])
            }
            let context = try await contexts.first { $0.taskID == "t1" }
            #expect(context.feedback == JSON("shorter, please"))
            #expect(try context.checkpoint(as: JSON.self) == JSON(["page": 9]))
        }
        contexts.clear()
    }

    @Test("lines and checkpoints leave in the order in which they were made, before the outcome")
    func notesLeaveInOrder() async throws {
        try await withWorker(slots: 32, prepare: { (harness: Harness) async throws in
            harness.worker.register("talkative") { (_: JSON, context: TaskContext) -> Int in
                for number in 1...20 {
                    context.log(.info, "\(number)")
                    try context.progress(checkpoint: number)
                }
                return 0
            }
        }) { (harness: Harness) async throws in
            for index in 0..<1000 { harness.submit(index, "talkative") }
            try await harness.reports.wait(for: 1000) { $0.content.isOutcome }
            for (attempt, reports) in Dictionary(grouping: harness.reports.all, by: \.attempt) {
                let lines = reports.flatMap { report -> [String] in
                    guard case .log(let lines) = report.content else { return [] }
                    return Report.lines(of: lines, now: Timestamp(milliseconds: 0)).map(\.message)
                }
                #expect(lines == (1...20).map(String.init), "\(attempt)")
                let checkpoints = reports.compactMap { report -> JSON? in
                    guard case .progress(let progress) = report.content else { return nil }
                    return progress.checkpoint
                }
                #expect(checkpoints.last == JSON(20), "\(attempt)")
                #expect(reports.last?.content.isOutcome == true, "\(attempt)")
            }
        }
    }

    @Test func garbageIsParkedAndBlocksNothing() async throws {
        try await withWorker { (harness: Harness) async throws in
            harness.publish(Message(type: "task", messageID: "garbage", replyTo: "0", body: Array("{".utf8)))
            let parked = try await harness.broker.published.first { $0.exchange == "baton.parking" }
            #expect(parked.message.headers.string(HeaderName.parkedReason)?.contains("message_id") == true)
            #expect(parked.message.headers.string(HeaderName.parkedFrom) == "baton.tasks.default.p2")
            #expect(parked.message.headers.integer(HeaderName.parkedAt) != nil)
            try await harness.acknowledged("garbage")
            let attempt = harness.submit(0, "core.noop")
            #expect(try await harness.outcome(attempt) == .completed(result: .null))
        }
    }
}
