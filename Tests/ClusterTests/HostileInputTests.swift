import AMQP
import AsyncHTTPClient
import BatonModel
import Foundation
import Testing

import struct BatonWire.Topology

extension ClusterTests {
    /// Ten thousand messages and ten thousand requests, each a good one with something wrong: what comes from outside never ends
    /// a process, and nothing of it goes round and round.
    @Suite struct HostileInputTests {
        private static let count = 10_000

        @Test("10,000 mutated messages: no crash, no endless redelivery, what can't be read is parked with its reason", .timeLimit(.minutes(5)), arguments: [Seed.today])
        func messages(_ seed: UInt64) async throws {
            try await withCluster { cluster in
                let process = cluster.coordinator.id
                try await cluster.withPeer { peer in
                    var mutator = MessageMutator(seed: seed, topology: peer.topology)
                    for _ in 0..<Self.count / 500 {
                        try await peer.publish((0..<500).map { _ in mutator.next() })
                    }
                    _ = try await eventually("the queues are empty", within: .seconds(120)) {
                        let left = try await peer.depth(peer.topology.submitQueue.name) + peer.depth(peer.topology.reportsQueue(0).name)
                        return left == 0 ? true : nil
                    }
                    // Whoever has them unread would give them back when it goes.
                    let parked = try await peer.depth(peer.topology.parkingQueue.name)
                    #expect(parked > Self.count / 20)
                    for _ in 0..<parked {
                        let message = try await peer.parked()
                        #expect(message.headers["baton-parked-reason"]?.isEmpty == false, "\(message)")
                        #expect(message.headers["baton-parked-from"]?.isEmpty == false, "\(message)")
                        #expect(message.headers["baton-parked-at"]?.isEmpty == false, "\(message)")
                    }
                }
                #expect(cluster.coordinator.isRunning && cluster.coordinator.id == process)
                let run = try await cluster.api.submit(graph("good", [step("one")]))
                try await cluster.api.recorded(run.id)
            }
        }

        @Test("10,000 mutated requests: no crash, and no answer is an error of the service", .timeLimit(.minutes(5)), arguments: [Seed.today])
        func requests(_ seed: UInt64) async throws {
            try await withCluster { cluster in
                let process = cluster.coordinator.id
                let run = try await cluster.api.submit(graph("good", [step("one")]))
                try await cluster.api.recorded(run.id)
                var mutator = RequestMutator(seed: seed, run: run.id)
                var answered = 0
                var failures: [String] = []
                for _ in 0..<Self.count / 20 {
                    let requests = (0..<20).map { _ in mutator.next() }
                    let answers = await withTaskGroup(of: (RequestMutator.Request, Int?).self) { group in
                        for request in requests {
                            group.addTask {
                                let answer = try? await cluster.api.ask(
                                    request.method, request.path, body: request.body, contentType: request.contentType)
                                return (request, answer?.status)
                            }
                        }
                        return await group.reduce(into: []) { $0.append($1) }
                    }
                    for (request, status) in answers {
                        // One that isn't HTTP any more never leaves the client.
                        guard let status else { continue }
                        answered += 1
                        if status >= 500 { failures.append("\(status): \(request)") }
                    }
                }
                #expect(failures.isEmpty, "\(failures.prefix(10).joined(separator: "\n"))")
                #expect(answered > Self.count * 3 / 4)
                #expect(cluster.coordinator.isRunning && cluster.coordinator.id == process)
                let last = try await cluster.api.submit(graph("last", [step("one")]))
                try await cluster.api.recorded(last.id)
            }
        }
    }
}

/// Where random tests begin.
enum Seed {
    /// The same all day, so that a failure can be looked at; another one tomorrow.
    static let today: UInt64 = UInt64(Date().timeIntervalSince1970) / 86400
}

struct Mutation {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func number(below limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(1, limit)))
    }

    mutating func chance(_ one: Int) -> Bool { number(below: one) == 0 }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(below: values.count)] }

    /// The bytes with some changed, left out, doubled or put in.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...number(below: 4) {
            switch number(below: 6) {
            case 0 where !bytes.isEmpty: bytes[number(below: bytes.count)] = UInt8(number(below: 256))
            case 1 where !bytes.isEmpty: bytes.remove(at: number(below: bytes.count))
            case 2: bytes.insert(UInt8(number(below: 256)), at: number(below: bytes.count + 1))
            case 3 where !bytes.isEmpty: bytes.removeLast(number(below: bytes.count))
            case 4:
                let part = bytes.prefix(number(below: bytes.count + 1))
                bytes += part
            default:
                let odd = pick(["null", "-1", "1e999", "\"\\u0000\"", "[[[[", "{}", "\u{202E}", "99999999999999999999", "true", "'"])
                bytes.insert(contentsOf: Array(odd.utf8), at: number(below: bytes.count + 1))
            }
        }
        return bytes
    }
}

struct MessageMutator {
    private var mutation: Mutation
    private let topology: BatonWire.Topology
    private let good: [(exchange: String, key: String, properties: Properties, body: String)]

    init(seed: UInt64, topology: BatonWire.Topology) {
        mutation = Mutation(seed: seed)
        self.topology = topology
        let attempt = AttemptID(run: "0000000000000000000000", task: 0, number: 1).description
        func report(_ type: String, _ body: String) -> (String, String, Properties, String) {
            (
                topology.reports.name, "0",
                Properties(
                    contentType: "application/json",
                    headers: ["baton-run": "0000000000000000000000", "baton-task": "a", "baton-attempt": 1, "baton-worker": "w"],
                    correlationID: attempt, type: type), body
            )
        }
        func submission(_ type: String?, _ body: String, _ headers: Headers = [:], _ contentType: String = "application/json") -> (String, String, Properties, String) {
            (topology.submit.name, "-.test", Properties(contentType: contentType, headers: headers, messageID: nil, type: type), body)
        }
        good = [
            report("completed", #"{"ok": true}"#), report("failed", #"{"type": "e", "message": "m", "retryable": true}"#),
            report("progress", #"{"fraction": 0.5, "checkpoint": {"at": 3}}"#), report("log", #"[{"level": "info", "message": "m"}]"#),
            report("started", ""), report("heartbeat", ""), report("lease", ""), report("claim", ""), report("cancelled", #"{"message": "m"}"#),
            report("seen", ""),
            report(
                "worker",
                #"{"worker": "w", "state": "running", "handlers": [{"name": "h", "hooks": []}], "queues": ["q"], "slots": 1, "tags": [], "running": [], "controlQueue": "c", "host": "h", "startedAt": "2026-01-01T00:00:00.000Z"}"#),
            submission("graph", #"{"name": "g", "tasks": [{"id": "a", "handler": "core.noop", "when": "`true`"}, {"id": "b", "handler": "core.echo", "dependencies": ["a"], "retry": {"maxAttempts": 2}}]}"#),
            submission("graph", "name: g\ntasks:\n  - id: a\n    handler: core.noop\n", [:], "application/yaml"),
            submission("task", #"{"n": 1}"#, ["baton-handler": "core.echo", "baton-priority": 1, "baton-reply": "result"]),
            submission(nil, #"{"n": 1}"#, ["baton-handler": "core.echo"]),
            submission(
                nil,
                #"{"specversion": "1.0", "id": "1", "source": "/s", "type": "core.echo", "subject": "c", "datacontenttype": "application/json", "data": {"n": 1}}"#,
                [:], "application/cloudevents+json"),
        ]
    }

    mutating func next() -> Publication {
        var (exchange, key, properties, body) = mutation.pick(good)
        var bytes = Array(body.utf8)
        if !mutation.chance(4) { bytes = mutation.mutate(bytes) }
        if mutation.chance(4) { properties.type = mutation.pick(["", "graph", "task", "completed", "\u{0}", "riddle", nil] as [String?]) }
        if mutation.chance(4) { properties.correlationID = mutation.pick(["", "x", "a.b.c", "..", "r.-1.9999999999999", nil] as [String?]) }
        if mutation.chance(6) { properties.contentType = mutation.pick(["", "text/html", "application/x-python-serialize", nil] as [String?]) }
        if mutation.chance(6) { properties.replyTo = mutation.pick(["nobody", "", String(repeating: "q", count: 250)]) }
        if mutation.chance(4) {
            let name = mutation.pick(["baton-protocol", "baton-handler", "baton-priority", "baton-attempt", "baton-run", "traceparent", "baton-key"])
            let value: FieldValue = mutation.pick([.int(.max), .string(""), .bool(true), .null, .double(1.5), .array([.int(1)]), .string("\u{0}")])
            properties.headers[name] = value
        }
        if exchange == topology.submit.name, mutation.chance(4) { key = mutation.pick(["-.", "x", "%zz.test", "owner.test", "a.b.c.d"]) }
        return Publication(exchange: exchange, routingKey: key, properties: properties, body: bytes)
    }
}

struct RequestMutator {
    struct Request: Sendable {
        var method: String
        var path: String
        var body: [UInt8]?
        var contentType: String
    }

    private var mutation: Mutation
    private let good: [Request]

    init(seed: UInt64, run: RunID) {
        mutation = Mutation(seed: seed)
        func get(_ path: String) -> Request { Request(method: "GET", path: path, body: nil, contentType: "application/json") }
        func post(_ path: String, _ body: String) -> Request {
            Request(method: "POST", path: path, body: Array(body.utf8), contentType: "application/json")
        }
        let graph = #"{"name": "g", "tasks": [{"id": "a", "handler": "core.noop"}, {"id": "b", "handler": "core.echo", "dependencies": [{"task": "a", "select": "x"}], "inputs": {"n": 1}}]}"#
        let schedule = #"{"name": "nightly", "cron": "0 3 * * *", "timeZone": "Europe/Berlin", "graph": \#(graph)}"#
        good = [
            get("/v1/runs?limit=5&status=running"), get("/v1/runs/\(run)"), get("/v1/runs/\(run)/tasks?tree=true"),
            get("/v1/runs/\(run)/tasks/one"), get("/v1/runs/\(run)/tasks/one/why"), get("/v1/runs/\(run)/tasks/one/logs?attempt=1"),
            get("/v1/runs/\(run)/events?after=1"), get("/v1/runs/\(run)/graph?format=svg"), get("/v1/runs/\(run)/timeline?format=svg"),
            get("/v1/workers"), get("/v1/queues"), get("/v1/handlers?slowest=3"), get("/v1/schedules"), get("/metrics"), get("/openapi.json"),
            post("/v1/runs", graph), post("/v1/runs/batch", "[\(graph)]"), post("/v1/schedules", schedule),
            post("/v1/runs/\(run)/cancel", #"{"reason": "r"}"#), post("/v1/cancel", #"{"runs": ["\#(run)"], "reason": "r"}"#),
            post("/v1/runs/\(run)/rerun", #"{"scope": "all"}"#), post("/v1/runs/\(run)/copy", #"{"tasks": ["one"]}"#),
            post("/v1/runs/\(run)/mixed", #"{"link": ["one"]}"#), post("/v1/runs/\(run)/archive", "{}"),
            post("/v1/attempts/\(run).0.1/complete", #"{"n": 1}"#), post("/v1/attempts/\(run).0.1/fail", #"{"message": "m"}"#),
            post("/v1/runs/\(run)/signals/one", "1"), post("/v1/queues/other/pause", ""), post("/v1/queues/other/resume", ""),
            Request(method: "PATCH", path: "/v1/schedules/nightly", body: Array(#"{"paused": true}"#.utf8), contentType: "application/json"),
            Request(method: "DELETE", path: "/v1/schedules/nightly", body: nil, contentType: "application/json"),
        ]
    }

    mutating func next() -> Request {
        var request = mutation.pick(good)
        if mutation.chance(3) {
            let path = mutation.mutate(Array(request.path.dropFirst().utf8)).map { byte in
                byte > 0x20 && byte < 0x7F ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
            }
            request.path = "/" + path.joined().replacing("#", with: "%23")
        }
        if let body = request.body, !mutation.chance(4) { request.body = mutation.mutate(body) }
        if mutation.chance(8) { request.method = mutation.pick(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"]) }
        if mutation.chance(8) { request.contentType = mutation.pick(["application/yaml", "text/plain", "", "a/b/c", "application/json; charset=latin1"]) }
        return request
    }
}
