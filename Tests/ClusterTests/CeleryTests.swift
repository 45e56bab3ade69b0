import BatonModel
import Foundation
import Testing

extension ClusterTests {
    /// The real Celery, both ways.
    @Suite struct CeleryTests {
        /// What `result.get()` gave an application: a value, or the exception's type and text.
        private struct Outcomes {
            let values: [String: JSONValue]

            func value(_ name: String) -> JSONValue? { values[name]?["value"] }
            func error(_ name: String) -> String? { values[name]?["error"]?.string }
            func message(_ name: String) -> String? { values[name]?["message"]?.string }
            func id(_ name: String) -> String? { values[name]?["id"]?.string }
        }

        /// Runs a Celery application to its end.
        private static func application(_ cluster: Cluster, _ steps: String) async throws -> Outcomes {
            let python = try await Python.with("celery", for: cluster)
            let script = cluster.directory + "/application.py"
            try Data((applicationHead + steps).utf8).write(to: URL(filePath: script))
            let queues = [cluster.celeryQueue("shop"), cluster.celeryQueue("idle")]
            let program = try cluster.program("application", [python, "-W", "ignore", script, cluster.broker.url] + queues)
            let status = try await program.exit(within: .seconds(90))
            let lines = program.output.split(separator: "\n").filter { $0.hasPrefix("{") }
            try #require(status == 0, "\(program.output.lastLines(20))")
            var values: [String: JSONValue] = [:]
            for line in lines {
                let value = try JSON(parsing: String(line)).value
                values[value["name"]?.string ?? ""] = value
            }
            return Outcomes(values: values)
        }

        private static let applicationHead = """
            import json, sys, time
            from datetime import datetime, timedelta, timezone
            from celery import Celery, group

            url, shop, idle = sys.argv[1:4]
            app = Celery("shop", broker=url, backend="rpc://")

            def tell(name, result, timeout=40):
                answer = {"name": name, "id": getattr(result, "id", None)}
                began = time.time()
                try:
                    answer["value"] = result.get(timeout=timeout)
                except Exception as error:
                    answer["error"] = type(error).__name__
                    answer["message"] = str(error)
                answer["seconds"] = time.time() - began
                print(json.dumps(answer), flush=True)

            def send(name, *arguments, queue=shop, **options):
                return app.send_task(name, *arguments, queue=queue, **options)


            """

        @Test("An unchanged Celery application's tasks run on Baton's workers, and its result.get() gives what became of them", .timeLimit(.minutes(3)))
        func applicationToWorker() async throws {
            try await withCluster(queues: ["default"], celery: ["shop": "default", "idle": "nobodys"]) { cluster in
                cluster.note(queues: ["nobodys"])
                let outcomes = try await Self.application(
                    cluster,
                    """
                    tell("keywords", send("core.echo", kwargs={"n": 7, "text": "grüße"}))
                    tell("positional", send("core.echo", args=[1, {"a": 2}], kwargs={"b": 3}))
                    tell("nothing", send("core.noop"))
                    tell("group", group([app.signature("core.echo", args=[i], queue=shop) for i in range(3)]).apply_async())
                    tell("builtin", send("core.fail", kwargs={"message": "no funds", "type": "ValueError"}, retries=2))
                    tell("own", send("core.fail", kwargs={"message": "no funds", "type": "payments.declined"}, retries=2))
                    tell("missing", send("no.such.handler", retries=2))
                    tell("slow", send("core.sleep", kwargs={"seconds": 60}, time_limit=30, soft_time_limit=0.3))
                    began = time.time()
                    tell("later", send("core.echo", kwargs={"n": 1}, countdown=2))
                    print(json.dumps({"name": "wait", "value": time.time() - began}))
                    tell("urgent", send("core.echo", priority=9))
                    tell("waited", send("core.echo", queue=idle, expires=1))
                    tell("past", send("core.echo", queue=idle, expires=datetime.now(timezone.utc) - timedelta(seconds=5)))
                    """)
                #expect(outcomes.value("keywords") == ["n": 7, "text": "grüße"])
                #expect(outcomes.value("positional") == ["args": [1, ["a": 2]], "b": 3])
                #expect(outcomes.value("nothing") == .null)
                #expect(outcomes.value("group") == [["args": [0]], ["args": [1]], ["args": [2]]])
                #expect(outcomes.error("builtin") == "ValueError" && outcomes.message("builtin") == "no funds")
                #expect(outcomes.error("own") == "payments.declined" && outcomes.message("own")?.contains("no funds") == true)
                #expect(outcomes.error("missing") == "NotRegistered")
                #expect(outcomes.error("slow") == "TimeLimitExceeded")
                #expect(outcomes.value("later") == ["n": 1])
                #expect((outcomes.value("wait")?.double ?? 0) >= 1.9)
                #expect(outcomes.value("urgent") == [:])
                #expect(outcomes.error("waited") == "TaskRevokedError" && outcomes.error("past") == "TaskRevokedError")

                let runs = try await cluster.api.runs()
                func task(_ name: String) async throws -> TaskView {
                    let id = outcomes.id(name)
                    let run = try #require(runs.first { $0.correlationId == id }, "\(name)")
                    return try await cluster.api.task("task", of: run.id)
                }
                #expect(try await task("urgent").priority == .urgent)
                #expect(try await task("keywords").priority == .normal)
                #expect(try await task("builtin").attempts == 1)
                #expect(try await task("slow").attempts == 1)
                #expect(try await task("waited").status == .failed)
                #expect(runs.allSatisfy { $0.correlationId != outcomes.id("past") })
            }
        }

        @Test("What can't be run reaches the application as an exception, and operators in the parking queue", .timeLimit(.minutes(2)))
        func refused() async throws {
            try await withCluster(workers: 0, celery: ["shop": "default", "idle": "default"]) { cluster in
                let outcomes = try await Self.application(
                    cluster,
                    """
                    first, second = app.signature("core.echo", queue=shop), app.signature("core.noop", queue=shop, immutable=True)
                    tell("chain", (first | second).apply_async())
                    tell("link", first.apply_async(link=second))
                    tell("link_error", first.apply_async(link_error=second))
                    tell("pickle", send("core.echo", serializer="pickle"))
                    tell("yaml", send("core.echo", serializer="yaml"))
                    tell("gzip", send("core.echo", compression="gzip"))
                    """)
                for (name, reason) in [
                    ("chain", "chain"), ("link", "callback"), ("link_error", "errback"), ("pickle", "pickle"), ("yaml", "yaml"), ("gzip", "gzip"),
                ] {
                    #expect(outcomes.error(name) == "InvalidTaskError", "\(name)")
                    #expect(outcomes.message(name)?.contains(reason) == true, "\(outcomes.message(name) ?? "")")
                }
                try await cluster.withPeer { peer in
                    for _ in 0..<6 {
                        let parked = try await peer.parked()
                        #expect(parked.headers["baton-parked-reason"]?.contains("Celery task is refused") == true)
                    }
                }
                #expect(try await cluster.api.runs().isEmpty)
            }
        }

        @Test("A task of a graph runs on a real Celery worker, and its result or exception comes back", .timeLimit(.minutes(3)))
        func graphToCeleryWorker() async throws {
            try await withCluster { cluster in
                let python = try await Python.with("celery", for: cluster)
                let queue = cluster.celeryQueue("theirs")
                try Data(Self.tasks.utf8).write(to: URL(filePath: cluster.directory + "/their_tasks.py"))
                let worker = try cluster.program(
                    "celery",
                    [
                        python, "-W", "ignore", "-m", "celery", "-A", "their_tasks", "worker", "-Q", queue, "-P", "prefork", "-c", "1",
                        "--loglevel", "INFO", "--without-gossip", "--without-mingle",
                    ], environment: ["PYTHONPATH": cluster.directory, "THEIR_BROKER": cluster.broker.url])
                try await eventually("a Celery worker that is ready", within: .seconds(60)) {
                    if let status = worker.status { throw Failure("it has ended (\(status))") }
                    return worker.output.contains(" ready.") ? () : nil
                }
                func call(_ id: String, _ inputs: [String: JSONValue], after: [JSONValue] = [], _ more: [String: JSONValue] = [:]) -> JSONValue {
                    let inputs = ["queue": .string(queue)].merging(inputs) { $1 }
                    return step(id, "core.celery", inputs: .object(inputs), after: after, ["retry": ["maxAttempts": 1]].merging(more) { $1 })
                }
                let sum = try await cluster.api.submit(
                    graph(
                        "sum",
                        [
                            call("sum", ["task": "their_tasks.add", "args": [2, 3]]),
                            step("after", "core.echo", after: ["sum"]),
                            call("again", ["task": "their_tasks.describe", "kwargs": ["name": "ü"]], after: ["after"]),
                            call("sent", ["task": "their_tasks.add", "args": [1, 1], "wait": false], after: ["again"]),
                        ]))
                try await cluster.api.recorded(sum.id)
                #expect(try await cluster.api.task("after", of: sum.id).result?.value == ["sum": 5])
                #expect(try await cluster.api.task("again", of: sum.id).result?.value == ["name": "ü", "id": .string("\(sum.id).2.1")])

                let wrong = try await cluster.api.submit(
                    graph(
                        "wrong",
                        [
                            call("fails", ["task": "their_tasks.fail"]), call("unknown", ["task": "their_tasks.nothing"]),
                            call("nowhere", ["task": "their_tasks.add", "queue": "celery-nobodys"]),
                            call("slow", ["task": "their_tasks.nap", "args": [3]], after: [], ["timeouts": ["attempt": "500ms"]]),
                        ]))
                try await cluster.api.recorded(wrong.id, as: .failed)
                func error(_ task: TaskID) async throws -> TaskError? { try await cluster.api.task(task, of: wrong.id).error }
                #expect(try await error("fails")?.type == "ValueError")
                #expect(try await error("fails")?.message == "no funds")
                #expect(try await error("unknown")?.type == "NotRegistered")
                #expect(try await error("nowhere")?.type == "celeryQueueMissing")
                #expect(try await error("slow")?.type == "timeout")

                // The worker does one thing at a time: what waits behind it is revoked before it starts.
                let taken = try await cluster.api.submit(graph("taken", [call("taken", ["task": "their_tasks.nap", "args": [4]])]))
                try await eventually("the first message at the worker") { worker.output.contains("\(taken.id).0.1] received") ? () : nil }
                let cancelled = try await cluster.api.submit(
                    graph("cancelled", [call("waits", ["task": "their_tasks.add", "args": [4, 4]])]))
                _ = try await cluster.api.start(of: "waits", in: cancelled.id)
                try await eventually("the message at the worker") { worker.output.contains("\(cancelled.id).0.1] received") ? () : nil }
                _ = try await cluster.api.cancel(cancelled.id, task: "waits", reason: "no longer wanted")
                _ = try await cluster.api.end(of: cancelled.id)
                #expect(try await cluster.api.task("waits", of: cancelled.id).status == .cancelled)
                try await eventually("the revocation") { worker.output.contains("Discarding revoked task") ? () : nil }
                #expect(!worker.output.contains("\(cancelled.id).0.1] succeeded"))
            }
        }

        private static let tasks = """
            import os, time
            from celery import Celery

            app = Celery("their_tasks", broker=os.environ["THEIR_BROKER"], backend="rpc://")
            app.conf.worker_prefetch_multiplier = 10

            @app.task
            def add(x, y):
                return x + y

            @app.task(bind=True)
            def describe(self, name):
                return {"name": name, "id": self.request.id}

            @app.task
            def fail():
                raise ValueError("no funds")

            @app.task
            def nap(seconds):
                time.sleep(seconds)

            """
    }
}
