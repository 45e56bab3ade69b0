import Foundation
import Testing

extension ClusterTests {
    /// `baton conformance` against workers that are right, and against some that are wrong on purpose.
    @Suite struct ConformanceTests {
        @Test("Our own worker reaches level 3", .timeLimit(.minutes(3)))
        func own() async throws {
            let words = [try Repository.baton(), "worker", "--queues", "{queue}", "--slots", "4"]
            let findings = try await examine(words, wanted: 3)
            #expect(findings.status == 0)
            #expect(findings.level == 3)
            #expect(findings.failed.isEmpty)
            #expect(findings.checks.count == 25)
        }

        @Test("A worker in Python, given all there is to do, reaches level 3", .timeLimit(.minutes(3)))
        func faultless() async throws {
            let findings = try await examine([try await python(), stranger("faultless")], wanted: 3)
            #expect(findings.status == 0)
            #expect(findings.level == 3)
            #expect(findings.failed.isEmpty)
        }

        @Test("The example of the smallest worker reaches level 1, and no other", .timeLimit(.minutes(4)))
        func example() async throws {
            let words = [try await python(), stranger("example"), "{url}", "{queue}", "{namespace}"]
            let findings = try await examine(words, wanted: 1, environment: ["PYTHONPATH": Repository.path("Examples/python")])
            #expect(findings.status == 0)
            #expect(findings.level == 1)
            #expect(findings.failed["sends-heartbeats"]?.contains("0 signs of life") == true)
        }

        @Test("A worker that acknowledges before it reports is found out", .timeLimit(.minutes(4)))
        func acknowledgesFirst() async throws {
            let findings = try await examine([try await python(), stranger("acks_first")], wanted: 1)
            #expect(findings.status == 1)
            #expect(findings.level == 0)
            #expect(findings.failed["acknowledges-after-the-confirm"]?.contains("acknowledged before it was reported") == true)
            #expect(Set(findings.failed.keys) == ["acknowledges-after-the-confirm", "keeps-what-is-not-confirmed"])
        }

        @Test("A worker that doesn't wait for the confirm of its report is found out", .timeLimit(.minutes(4)))
        func acknowledgesUnconfirmed() async throws {
            let findings = try await examine([try await python(), stranger("acks_unconfirmed")], wanted: 1)
            #expect(findings.status == 1)
            #expect(findings.level == 0)
            #expect(findings.failed["acknowledges-after-the-confirm"]?.contains("before the broker had confirmed its report") == true)
        }

        @Test("A worker that ignores cancels reaches level 2 at most", .timeLimit(.minutes(4)))
        func ignoresCancel() async throws {
            let findings = try await examine([try await python(), stranger("ignores_cancel")], wanted: 3)
            #expect(findings.status == 1)
            #expect(findings.level == 2)
            #expect(Set(findings.failed.keys) == ["cancels-what-runs"])
        }

        @Test("A worker that reports an earlier attempt is found out", .timeLimit(.minutes(4)))
        func staleAttempt() async throws {
            let findings = try await examine([try await python(), stranger("stale_attempt")], wanted: 1)
            #expect(findings.status == 1)
            #expect(findings.level == 0)
            #expect(findings.failed["reports-the-attempt-at-hand"]?.contains("was reported as") == true)
        }

        @Test("A worker that completes what it has no handler for, and has one routing key for all, is found out", .timeLimit(.minutes(4)))
        func careless() async throws {
            let findings = try await examine([try await python(), stranger("careless")], wanted: 1)
            #expect(findings.level == 0)
            #expect(findings.failed["survives-bad-input"]?.contains("unknown handler was to be reported as failed") == true)
            #expect(findings.failed["publishes-safely"]?.contains("with the routing key '0', not its reply_to") == true)
            #expect(Set(findings.failed.keys) == ["survives-bad-input", "publishes-safely"])
        }

        @Test("A worker that parks without saying why reaches level 1", .timeLimit(.minutes(4)))
        func parksBare() async throws {
            let findings = try await examine([try await python(), stranger("parks_bare")], wanted: 2)
            #expect(findings.level == 1)
            #expect(findings.failed["refuses-a-higher-protocol"]?.contains("header baton-parked-reason is absent") == true)
            #expect(Set(findings.failed.keys) == ["refuses-a-higher-protocol"])
        }

        @Test("A namespace where a coordinator is at work is left alone", .timeLimit(.minutes(2)))
        func coordinatorAtWork() async throws {
            try await withCluster(workers: 0) { cluster in
                let (status, output) = try await cluster.baton(
                    "conformance", "--amqp-url", cluster.broker.url, "--namespace", cluster.namespace, "--queue", "q", "--", "true")
                #expect(status == 2)
                #expect(output.contains("a coordinator is at work in namespace '\(cluster.namespace)'"))
            }
        }

        @Test("A worker beside the proxy is noticed, and told so", .timeLimit(.minutes(2)))
        func besideTheProxy() async throws {
            let broker = try await RabbitMQ.common()
            let words = [
                "/usr/bin/env", "BATON_AMQP_URL=\(broker.url)", try Repository.baton(), "worker", "--queues", "{queue}",
            ]
            let findings = try await examine(words, wanted: 1)
            #expect(findings.status == 1)
            #expect(findings.errors.contains("by a connection of its own to the broker"))
        }

        // MARK: Running

        struct Findings {
            struct Check: Decodable {
                var name: String
                var level: Int
                var passed: Bool
                var seen: String
            }

            struct Document: Decodable {
                var level: Int
                var checks: [Check]
            }

            var status: Int32
            var level: Int?
            var checks: [Check]
            var errors: String

            /// What was seen, by the names of the checks.
            var failed: [String: String] {
                Dictionary(checks.filter { !$0.passed }.map { ($0.name, $0.seen) }, uniquingKeysWith: { $1 })
            }
        }

        private func stranger(_ name: String) -> String { Repository.path("Tests/Strangers/\(name).py") }

        func examine(_ command: [String], wanted: Int, environment: [String: String] = [:]) async throws -> Findings {
            let broker = try await RabbitMQ.common()
            return try await withDirectory { directory in
                let (log, output) = (directory + "/errors", directory + "/findings.json")
                let words =
                    ["/bin/sh", "-c", "exec \"$0\" \"$@\" > '\(output)'", try Repository.baton(), "conformance", "--json"]
                    + ["--amqp-url", broker.url, "--queue", "jobs", "--level", String(wanted), "--"] + command
                // Nothing is to be left among the sources.
                let program = try Program(
                    "conformance", words, log: log, environment: environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 })
                let status: Int32
                do {
                    status = try await program.exit(within: .seconds(170))
                } catch {
                    // It ends its worker before it ends itself.
                    program.signal(SIGTERM)
                    await Task { _ = try? await program.exit(within: .seconds(10)) }.value
                    throw error
                }
                let document = try? JSONDecoder().decode(Findings.Document.self, from: Data(contentsOf: URL(filePath: output)))
                return Findings(status: status, level: document?.level, checks: document?.checks ?? [], errors: program.output)
            }
        }

        /// One that has pika: named by `BATON_TEST_PYTHON`, or the system's.
        func python() async throws -> String {
            let named = ProcessInfo.processInfo.environment["BATON_TEST_PYTHON"].map { [$0] } ?? []
            for candidate in named + ["/usr/bin/python3", "/usr/local/bin/python3"] where FileManager.default.isExecutableFile(atPath: candidate) {
                let isRight = try await withDirectory { directory in
                    try await Program("python-check", [candidate, "-c", "import pika"], log: directory + "/log").exit() == 0
                }
                if isRight { return candidate }
            }
            throw Failure("no Python with pika: apt-get install python3-pika, or set BATON_TEST_PYTHON")
        }

        /// A folder that goes when the body has ended; until then its logs are those of a failure.
        private func withDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
            let folder = FileManager.default.temporaryDirectory.appending(path: "baton-conformance-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let log = folder.path + "/errors"
            FailureLogs.follow { (try? String(contentsOfFile: log, encoding: .utf8))?.lastLines(40) ?? "no log" }
            defer { FailureLogs.freeze() }
            return try await body(folder.path)
        }
    }
}
