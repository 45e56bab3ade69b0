import BatonModel
import Foundation
import Testing

extension ClusterTests {
    @Suite struct ServiceTests {
        @Test("A second coordinator on a database refuses to start, with the reason, and disturbs nothing", .timeLimit(.minutes(1)))
        func secondCoordinator() async throws {
            try await withCluster(workers: 1) { cluster in
                let second = try await cluster.baton(cluster.coordinatorArguments(http: "127.0.0.1:0"), within: .seconds(20))
                #expect(second.status != 0)
                #expect(second.status > 0, "it ends by itself")
                #expect(second.output.contains(cluster.database))
                #expect(second.output.contains("another coordinator"))
                #expect(second.output.contains("\(cluster.coordinator.id)"), "the process that holds it is named")
                let run = try await cluster.api.submit(graph("undisturbed", [step("one")]))
                try await cluster.api.recorded(run.id)
                // Once the first is gone, however it went, the database is free.
                try await cluster.coordinator.crash()
                try await cluster.startCoordinator()
            }
        }

        @Test("A worker that is told to end finishes what it runs, takes nothing new, and exits with 0 (J3)", .timeLimit(.minutes(2)))
        func drain() async throws {
            try await withCluster { cluster in
                let run = try await cluster.api.submit(graph("running", [sleeping("work", 2)]))
                let started = try await cluster.api.start(of: "work", in: run.id)
                let first = try cluster.worker(started.data?.value["worker"]?.string)
                first.program.signal(SIGTERM)
                try await eventually("a worker that drains") {
                    let view = try await cluster.api.workers().first { $0.id == first.id }
                    return view?.state == "draining" ? () : nil
                }
                #expect(try await cluster.api.task("work", of: run.id).status == .running)
                let others = try await cluster.api.submit(graph("others", (0..<30).map { step("t\($0)") }))
                let rest = try await cluster.api.recorded(others.id)
                #expect(rest.tasks.values.allSatisfy { $0.worker != first.id && $0.attempts == 1 })
                let record = try await cluster.api.recorded(run.id)
                #expect(record.tasks["work"]?.attempts == 1)
                #expect(record.tasks["work"]?.worker == first.id)
                #expect(record.events(.attemptLost).isEmpty)
                #expect(try await first.program.exit(within: .seconds(15)) == 0)
                try await eventually("a list without the worker") {
                    try await cluster.api.workers().allSatisfy { $0.id != first.id } ? () : nil
                }
            }
        }

        @Test("A coordinator that is told to end exits with 0, and the next one goes on", .timeLimit(.minutes(2)))
        func coordinatorStops() async throws {
            try await withCluster { cluster in
                let run = try await cluster.api.submit(graph("over", [sleeping("work", 3), step("after", after: ["work"])]))
                _ = try await cluster.api.start(of: "work", in: run.id)
                cluster.coordinator.signal(SIGTERM)
                #expect(try await cluster.coordinator.exit(within: .seconds(20)) == 0)
                try await cluster.startCoordinator()
                let record = try await cluster.api.recorded(run.id)
                #expect(record.tasks["work"]?.attempts == 1)
            }
        }

        @Test("An open address without access control is refused, with the reason (K8)", .timeLimit(.minutes(1)), arguments: ["0.0.0.0:0", "[::]:0"])
        func openAddress(address: String) async throws {
            try await withCluster(workers: 0) { cluster in
                let database = cluster.directory + "/other.sqlite"
                let arguments = ["coordinator", "--amqp-url", cluster.broker.url, "--namespace", cluster.namespace, "--database", database, "--http", address]
                let refused = try await cluster.baton(arguments, within: .seconds(20))
                #expect(refused.status == 2, "\(refused.output)")
                #expect(refused.output.contains("--allow-remote"), "\(refused.output)")
                #expect(refused.output.contains("access control"), "\(refused.output)")
                #expect(!FileManager.default.fileExists(atPath: database), "nothing is left")
            }
        }

        @Test("baton dev runs the example with no broker, no service and no database of its own", .timeLimit(.minutes(1)))
        func dev() async throws {
            try await withCluster(workers: 0) { cluster in
                // What would be found there can't be what ran it.
                let nowhere = ["BATON_AMQP_URL": "amqp://127.0.0.1:1/", "BATON_DATABASE": "/nowhere/baton.sqlite"]
                let program = try cluster.program(
                    "dev", [try Repository.baton(), "dev", Repository.path("Examples/order.yaml")], environment: nowhere)
                #expect(try await program.exit(within: .seconds(40)) == 0)
                #expect(program.output.contains("confirm"))
                #expect(program.output.contains("completed"))
                #expect(try await cluster.api.runs().isEmpty, "it kept to itself")
            }
        }

        @Test("baton run shows a run to its end and exits by how it ended", .timeLimit(.minutes(1)))
        func runCommand() async throws {
            try await withCluster { cluster in
                let good = try await cluster.baton("run", Repository.path("Examples/order.yaml"), "--server", cluster.api.base)
                #expect(good.status == 0, "\(good.output)")
                #expect(good.output.contains("completed"))
                let file = cluster.directory + "/failing.json"
                let document = graph("failing", [step("bad", "core.fail", inputs: ["message": "no way"], after: [], ["retry": ["maxAttempts": 1]])])
                try Data(JSON(document).bytes).write(to: URL(filePath: file))
                let bad = try await cluster.baton("run", file, "--server", cluster.api.base)
                #expect(bad.status == 1, "\(bad.output)")
                #expect(bad.output.contains("no way"))
                for run in try await cluster.api.runs() { try await cluster.api.recorded(run.id, as: run.name == "order" ? .completed : .failed) }
            }
        }
    }
}
