import BatonModel
import Testing

extension ClusterTests {
    @Suite struct DoctorTests {
        @Test("A cluster that is well has no problem and no warning", .timeLimit(.minutes(1)))
        func well() async throws {
            try await withCluster(workers: 1) { cluster in
                let run = try await cluster.api.submit(graph("some", [step("one")]))
                try await cluster.api.recorded(run.id)
                let (status, checks) = try await examine(cluster)
                #expect(status == 0)
                for (check, finding) in checks { #expect(["ok", "skipped"].contains(finding.status), "\(check): \(finding)") }
                for check in [
                    "broker.reachable", "broker.version", "broker.capabilities", "broker.connection", "broker.topology", "broker.parking",
                    "broker.permission.configure", "broker.permission.write", "broker.permission.read", "broker.alarm", "clock.broker",
                    "coordinator.reachable", "coordinator.version", "coordinator.ready", "coordinator.workers", "clock.coordinator",
                    "machine.disk", "machine.files", "broker.tasks.default",
                ] {
                    #expect(checks[check]?.status == "ok", "\(check): \(checks[check]?.summary ?? "not there")")
                }
                let text = try await cluster.baton(words(cluster, json: false))
                #expect(text.output.contains("problems: 0, warnings: 0"), "\(text.output)")
            }
        }

        @Test("Without a coordinator the broker is examined all the same, and what waits for it is said", .timeLimit(.minutes(1)))
        func noCoordinator() async throws {
            try await withCluster(workers: 0) { cluster in
                try await cluster.coordinator.crash()
                try await cluster.withPeer { try await $0.park(.init(type: "odd")) }
                let (status, checks) = try await examine(cluster)
                #expect(status == 1)
                #expect(checks["coordinator.reachable"]?.status == "problem")
                #expect(checks["coordinator.reachable"]?.remedy?.contains("baton coordinator") == true)
                #expect(checks["broker.reachable"]?.status == "ok")
                #expect(checks["broker.topology"]?.status == "ok")
                #expect(checks["broker.parking"]?.status == "warning")
                #expect(checks["broker.queue.\(cluster.namespace).submit"]?.status == "problem")
            }
        }

        @Test("With a wrong password the coordinator is examined all the same, and the password isn't shown", .timeLimit(.minutes(1)))
        func wrongPassword() async throws {
            try await withCluster(workers: 1) { cluster in
                let url = cluster.broker.url.replacing("guest:guest@", with: "guest:oh-so-wrong@")
                let (status, checks) = try await examine(cluster, url: url)
                #expect(status == 1)
                #expect(checks["broker.reachable"]?.status == "problem")
                #expect(checks["broker.reachable"]?.summary.contains("guest") == true)
                #expect(checks["coordinator.ready"]?.status == "ok")
                #expect(checks.values.allSatisfy { !$0.summary.contains("oh-so-wrong") })
            }
        }

        @Test("A user who may only read is told what is missing, and still sees the rest", .timeLimit(.minutes(2)))
        func readOnly() async throws {
            let common = try await RabbitMQ.common()
            let broker = common.directory == nil ? try await RabbitMQ.disturbed() : common
            try await withCluster(workers: 0, broker: broker) { cluster in
                try await broker.control("add_user", cluster.namespace, "secret")
                try await broker.control("set_permissions", cluster.namespace, "^$", "^$", ".*")
                let url = cluster.broker.url.replacing("guest:guest@", with: "\(cluster.namespace):secret@")
                let (status, checks) = try await examine(cluster, url: url)
                #expect(status == 1)
                #expect(checks["broker.reachable"]?.status == "ok")
                #expect(checks["broker.permission.configure"]?.status == "problem")
                #expect(checks["broker.permission.write"]?.status == "problem")
                #expect(checks["broker.permission.write"]?.remedy?.contains("set_permissions") == true)
                #expect(checks["broker.permission.read"]?.status == "ok")
                #expect(checks["broker.topology"]?.status == "ok")
                // Who may only read can look at what is parked, and take nothing of it away by that.
                try await cluster.withPeer { try await $0.park(.init(type: "odd", messageID: "m-1")) }
                let list = try await cluster.baton("parking", "list", "--amqp-url", url, "--namespace", cluster.namespace)
                #expect(list.status == 0 && list.output.contains("m-1"), "\(list.output)")
                try await broker.control("delete_user", cluster.namespace)
            }
        }

        @Test("A queue that is declared otherwise is named, with the difference", .timeLimit(.minutes(1)))
        func mismatch() async throws {
            try await withCluster(workers: 0) { cluster in
                try await cluster.coordinator.crash()
                try await cluster.withPeer { try await $0.declareOtherwise($0.topology.parkedQueue.name) }
                let (status, checks) = try await examine(cluster)
                #expect(status == 1)
                let topology = try #require(checks["broker.topology"])
                #expect(topology.status == "problem")
                #expect(topology.summary.contains("\(cluster.namespace).parked"), "\(topology.summary)")
            }
        }

        struct Finding: Decodable, Sendable {
            var check: String
            var status: String
            var summary: String
            var remedy: String?
        }

        private func words(_ cluster: Cluster, url: String? = nil, json: Bool) -> [String] {
            [
                "doctor", "--amqp-url", url ?? cluster.broker.url, "--namespace", cluster.namespace, "--server", cluster.api.base, "--database",
                cluster.database,
            ] + (json ? ["--json"] : [])
        }

        private func examine(_ cluster: Cluster, url: String? = nil) async throws -> (status: Int32, checks: [String: Finding]) {
            let answer = try await cluster.baton(words(cluster, url: url, json: true))
            let findings: [Finding] = try JSON(parsing: answer.output).decode()
            return (answer.status, Dictionary(findings.map { ($0.check, $0) }, uniquingKeysWith: { $1 }))
        }
    }
}
