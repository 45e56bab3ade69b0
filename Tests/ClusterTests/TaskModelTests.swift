import BatonModel
import BatonWorker
import Foundation
import Testing

extension ClusterTests {
    /// What the task model promises, while the coordinator is killed at moments that nobody chose.
    @Suite struct TaskModelTests {
        private static let own: [String: JSONValue] = ["queue": "custom"]

        @Test("D5: a saga whose coordinator is killed at any moment is undone in reverse, each step once", .timeLimit(.minutes(5)), arguments: CrashTests.seeds)
        func saga(seed: UInt64) async throws {
            var random = SeededGenerator(seed)
            try await withCluster(workers: 0) { cluster in
                try await cluster.withWorker(offer: Self.shop) { shop in
                    for round in 1...6 {
                        let steps = 6
                        var tasks = (1...steps).map { number -> JSONValue in
                            let before: [JSONValue] = number == 1 ? [] : [.string("s\(number - 1)-r\(round)")]
                            let undo: JSONValue = ["handler": "shop.undo", "retry": ["maxAttempts": 3, "delay": "50ms"]]
                            return step("s\(number)-r\(round)", "shop.do", after: before, Self.own.merging(["compensate": undo]) { $1 })
                        }
                        tasks.append(
                            step("last-r\(round)", "core.fail", inputs: ["message": "no"], after: [.string("s\(steps)-r\(round)")],
                                Self.own.merging(["retry": ["maxAttempts": 1], "handler": "shop.fail"]) { $1 }))
                        let run = try await cluster.api.submit(graph("saga", tasks))
                        let moment = Int.random(in: 1...45, using: &random)
                        _ = try await cluster.api.event(of: run.id, "event \(moment)") { $0.id >= moment || $0.type.endsRun }
                        try await cluster.coordinator.crash()
                        try await cluster.startCoordinator()
                        let record = try await cluster.api.recorded(run.id, as: .failed)
                        let expected = (1...steps).map { "s\($0)-r\(round)" }
                        let comment: Comment = "seed \(seed), round \(round), killed at event \(moment)"
                        #expect(Set(record.run.undone ?? []) == Set(expected.map(TaskID.init(rawValue:))), comment)
                        #expect(record.run.notUndone == nil, comment)
                        let undone = record.events(.taskCompleted).compactMap { $0.task?.rawValue }.filter { $0.hasSuffix("~compensate") }
                        #expect(undone == expected.reversed().map { "\($0)~compensate" }, comment)
                        let made = shop.made.filter { $0.task.contains("-r\(round)") }
                        #expect(made.filter { $0.handler == "shop.do" }.map(\.task) == expected, comment)
                        #expect(made.filter { $0.handler == "shop.undo" }.map(\.task) == undone, comment)
                    }
                }
            }
        }

        @Test("D2: what follows an end follows exactly once, whenever the coordinator is killed", .timeLimit(.minutes(5)), arguments: CrashTests.seeds)
        func continuations(seed: UInt64) async throws {
            var random = SeededGenerator(seed)
            try await withCluster(workers: 0) { cluster in
                try await cluster.withWorker(offer: Self.shop) { shop in
                    for round in 1...4 {
                        let tasks = (1...10).map { number -> JSONValue in
                            let then = step("then", "shop.do", Self.own)
                            let more: [String: JSONValue] = ["onCompleted": [then, step("after", "shop.do", after: ["then"], Self.own)]]
                            return step("t\(number)-r\(round)", "shop.dispatch", Self.own.merging(more) { $1 })
                        }
                        let run = try await cluster.api.submit(graph("following", tasks))
                        let moment = Int.random(in: 1...150, using: &random)
                        _ = try await cluster.api.event(of: run.id, "event \(moment)") { $0.id >= moment || $0.type.endsRun }
                        try await cluster.coordinator.crash()
                        try await cluster.startCoordinator()
                        let record = try await cluster.api.recorded(run.id)
                        let comment: Comment = "seed \(seed), round \(round), killed at event \(moment)"
                        let expected = (1...10).map { "t\($0)-r\(round)" }.flatMap { [$0, "\($0)~then", "\($0)~after", "\($0)~sent"] }.sorted()
                        #expect(record.tasks.keys.map(\.rawValue).sorted() == expected, comment)
                        #expect(shop.made.map(\.task).filter { $0.contains("-r\(round)") }.sorted() == expected, comment)
                    }
                }
            }
        }

        @Test("C3: a loop whose coordinator is killed runs each item once and keeps their order", .timeLimit(.minutes(5)), arguments: CrashTests.seeds)
        func loop(seed: UInt64) async throws {
            var random = SeededGenerator(seed)
            try await withCluster(workers: 0) { cluster in
                try await cluster.withWorker(offer: Self.shop) { shop in
                    for round in 1...3 {
                        let items = JSONValue.array((0..<200).map { .integer($0) })
                        let each: [String: JSONValue] = ["forEach": ["items": items, "maxParallel": 10]]
                        let document = graph(
                            "loop",
                            [
                                step("each-r\(round)", "shop.item", Self.own.merging(each) { $1 }),
                                step("join-r\(round)", "shop.do", after: [.string("each-r\(round)")], Self.own),
                            ])
                        let run = try await cluster.api.submit(document)
                        for _ in 0..<2 {
                            let moment = Int.random(in: 1...350, using: &random)
                            _ = try await cluster.api.event(of: run.id, "event \(moment)") { $0.id >= moment || $0.type.endsRun }
                            try await cluster.coordinator.crash()
                            try await cluster.startCoordinator()
                        }
                        let record = try await cluster.api.recorded(run.id)
                        let result = try await cluster.api.task(TaskID("each-r\(round)"), of: run.id).result?.value
                        #expect(result == .array((0..<200).map { .integer($0 * 2) }), "seed \(seed), round \(round)")
                        #expect(record.tasks.count == 202)
                        let made = shop.made.filter { $0.handler == "shop.item" && $0.task.contains("-r\(round)") }
                        #expect(Set(made.map(\.task)).count == 200)
                        #expect(made.count == 200, "each item was executed once")
                    }
                }
            }
        }

        @Test("C4, C6, C7, C8: a decision sends its work back, a validator turns it down, a graph within it and a person's answer end it", .timeLimit(.minutes(2)))
        func patterns() async throws {
            try await withCluster(workers: 1) { cluster in
                try await cluster.withWorker(offer: Self.shop) { shop in
                    let review: [String: JSONValue] = ["routes": ["redo": ["draft"], "good": ["publish"]]]
                    let document = graph(
                        "patterns",
                        [
                            step("draft", "shop.draft", Self.own.merging(["validators": ["shop.judge"]]) { $1 }),
                            step("review", "shop.review", after: ["draft"], Self.own.merging(review) { $1 }),
                            step("publish", "core.echo"),
                            .object(["id": "inner", "dependencies": ["publish"], "graph": ["tasks": [
                                step("first", "core.echo", inputs: ["n": 1]), step("second", "core.echo", after: ["first"]),
                            ]]]),
                            .object(["id": "approval", "dependencies": ["inner"], "answer": ["deadline": "1h"]]),
                            step("end", "core.echo", after: ["approval"]),
                        ])
                    let run = try await cluster.api.submit(document)
                    _ = try await cluster.api.start(of: "approval", in: run.id)
                    let token = try #require(try await cluster.api.task("approval", of: run.id).token)
                    let answer = try await cluster.api.ask("POST", "/v1/attempts/\(token)/complete", body: Array(#"{"ok":true}"#.utf8))
                    #expect(answer.status == 200, "\(answer.text)")
                    let second = try await cluster.api.ask("POST", "/v1/attempts/\(token)/complete", body: Array("1".utf8))
                    #expect(second.status == 409, "\(second.text)")
                    try await cluster.api.recorded(run.id)
                    let draft = try await cluster.api.task("draft", of: run.id)
                    #expect(draft.iteration == 1)
                    #expect(draft.result?.value["version"]?.int == 3, "one was turned down by the validator, one by the review")
                    #expect(try await cluster.api.task("inner", of: run.id).result?.value == ["first": ["n": 1]])
                    #expect(try await cluster.api.task("end", of: run.id).result?.value == ["approval": ["ok": true]])
                    #expect(shop.made.filter { $0.handler == "shop.draft" }.map(\.attempt) == [1, 2, 3])
                }
            }
        }

        @Test("D4: a task that reschedules itself counts its rounds and keeps its distances", .timeLimit(.minutes(2)))
        func rescheduling() async throws {
            try await withCluster(workers: 0) { cluster in
                try await cluster.withWorker(offer: Self.shop) { _ in
                    let run = try await cluster.api.submit(graph("polling", [step("poll", "shop.poll", Self.own)], ["key": "one"]))
                    let record = try await cluster.api.recorded(run.id)
                    #expect(record.tasks.count == 5)
                    let starts = record.events(.taskCompleted).map(\.at)
                    let distances = zip(starts.dropFirst(), starts).map { ($0 - $1).milliseconds }
                    for (distance, wanted) in zip(distances, [100, 200, 400, 800]) { #expect(distance >= wanted) }
                }
            }
        }

        @Test("I2, I3, F3: what an archive refuses, and what can't be linked, is told by type over HTTP, and on the command line", .timeLimit(.minutes(2)))
        func refusals() async throws {
            try await withCluster(workers: 1) { cluster in
                let done = try await cluster.api.submit(graph("done", [step("a"), step("b", after: ["a"])]))
                try await cluster.api.recorded(done.id)
                let bad = try await cluster.api.submit(graph("bad", [step("a", "core.fail", inputs: ["message": "x"], after: [], ["retry": ["maxAttempts": 1]])]))
                try await cluster.api.recorded(bad.id, as: .failed)
                let archived = try await cluster.api.ask("POST", "/v1/runs/\(done.id)/archive", body: Array("{}".utf8))
                #expect(archived.status == 201, "\(archived.text)")
                let archive: RunView = try archived.decode()
                for (path, type) in [("/v1/runs/\(archive.id)/rerun", "frozen"), ("/v1/runs/\(archive.id)/cancel", "frozen"), ("/v1/runs/\(bad.id)/link", "notCompleted")] {
                    let answer = try await cluster.api.ask("POST", path, body: Array("{}".utf8))
                    #expect(answer.status == 409, "\(path): \(answer.text)")
                    let problem: Problem = try answer.decode()
                    #expect(problem.type.hasSuffix(type), "\(path): \(problem)")
                }
                let rerun = try await cluster.baton("rerun", archive.id.rawValue, "--all", "--server", cluster.api.base)
                #expect(rerun.status == 1)
                #expect(rerun.output.contains("archive"), "\(rerun.output)")
                let link = try await cluster.baton("link", bad.id.rawValue, "--server", cluster.api.base)
                #expect(link.status == 1)
                #expect(link.output.contains("completed"), "\(link.output)")
                let linked = try await cluster.api.ask("POST", "/v1/runs/\(done.id)/link", body: Array("{}".utf8))
                #expect(linked.status == 201, "\(linked.text)")
                let all = try await cluster.api.ask("POST", "/v1/cancel", body: JSON(["runs": [.string(done.id.rawValue), "nothing"]]).bytes)
                let view: CancelManyView = try all.decode()
                #expect(view.alreadyEnded == 1)
                #expect(view.notFound == 1)
            }
        }

        @Test("G2: a schedule starts a run each second, over the death of the coordinator", .timeLimit(.minutes(2)))
        func schedule() async throws {
            try await withCluster(workers: 1) { cluster in
                let document: JSONValue = ["name": "ticks", "every": "1s", "times": 4, "graph": graph("tick", [step("a")])]
                let created = try await cluster.api.ask("POST", "/v1/schedules", body: JSON(document).bytes)
                #expect(created.status == 201, "\(created.text)")
                _ = try await eventually("the first runs") { try await cluster.api.runs().count >= 2 ? () : nil }
                try await cluster.coordinator.crash()
                try await cluster.startCoordinator()
                let view: ScheduleView = try await eventually("the end of the series") {
                    let view: ScheduleView = try await cluster.api.ask("GET", "/v1/schedules/ticks").decode()
                    return view.status == .ended ? view : nil
                }
                #expect(view.started == 4)
                let runs = try await cluster.api.runs()
                #expect(runs.count == 4)
                #expect(runs.allSatisfy { $0.schedule == "ticks" })
                for run in runs { try await cluster.api.recorded(run.id) }
            }
        }

        // MARK: Handlers

        @Sendable private static func shop(_ worker: Worker, _ record: CustomWorker) {
            worker.register("shop.do") { (_: JSON, context: TaskContext) in
                record.note("shop.do", context)
                try await work()
                return JSON.null
            }
            worker.register("shop.undo") { (_: JSON, context: TaskContext) in
                record.note("shop.undo", context)
                try await work()
                return JSON.null
            }
            worker.register("shop.fail") { (_: JSON, _: TaskContext) -> JSON in
                throw TaskError(type: "no", message: "it never works", retryable: false)
            }
            worker.register("shop.dispatch") { (_: JSON, context: TaskContext) in
                record.note("shop.dispatch", context)
                try context.dispatch(handler: "shop.do", id: "sent", queue: "custom")
                return JSON.null
            }
            worker.register("shop.item") { (input: Item, context: TaskContext) in
                record.note("shop.item", context)
                try await work()
                return input.item * 2
            }
            worker.register("shop.poll") { (_: JSON, context: TaskContext) in
                if context.round < 5 { try context.reschedule(after: .milliseconds(50 << context.round)) }
                return context.round
            }
            worker.register("shop.draft") { (_: JSON, context: TaskContext) in
                record.note("shop.draft", context)
                return Draft(version: context.attempt)
            }
            worker.register("shop.review") { (input: [String: Draft], _: TaskContext) in
                (input["draft"]?.version ?? 0) < 3 ? "redo" : "good"
            }
            worker.registerValidator("shop.judge") { (draft: Draft, _: TaskContext) in
                draft.version < 2 ? .reject(feedback: "again") : .pass
            }
        }

        /// Long enough for a coordinator to die meanwhile.
        @Sendable private static func work() async throws { try await Task.sleep(for: .milliseconds(20)) }

        private struct Item: Decodable { var item: Int }
        private struct Draft: Codable, Sendable { var version: Int }
    }
}
