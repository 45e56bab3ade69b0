import BatonClient
import BatonModel
import HTTPTypes
import Testing

@Suite("Handlers, logs, queues, signals and metrics", .timeLimit(.minutes(1)))
struct ObservingRouteTests {
    @Test("Prometheus gets each metric with its type, labels escaped, buckets that add up")
    func metrics() async throws {
        try await withRoutes(CannedOperations()) { client in
            let response = try await client.get("/metrics")
            #expect(response.status == .ok)
            let text = response.text
            #expect(text.contains(#"baton_attempts_total{handler="h\"1",outcome="completed"} 3"#))
            #expect(text.contains(#"baton_run_seconds_bucket{handler="h\"1",le="0.01"} 0"#))
            #expect(text.contains(#"baton_run_seconds_bucket{handler="h\"1",le="0.05"} 1"#))
            #expect(text.contains(#"baton_run_seconds_bucket{handler="h\"1",le="+Inf"} 1"#))
            #expect(text.contains("baton_up 1\n"))
            var names: Set<Substring> = []
            for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
                #expect(names.insert(line.split(separator: " ")[2]).inserted, "\(line)")
            }
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                let name = line.prefix { $0 != "{" && $0 != " " }
                let family = ["_bucket", "_sum", "_count"].reduce(name) { $0.hasSuffix($1) ? $0.dropLast($1.count) : $0 }
                #expect(names.contains(family) || names.contains(name), "\(line)")
            }
        }
    }

    @Test("a queue's name that can't be one is refused, with what names are made of")
    func queueNames() async throws {
        try await withRoutes(CannedOperations()) { client in
            let response = try await client.post("/v1/queues/a%20b/pause", "")
            #expect(response.status == .badRequest)
            #expect(response.text.contains("A-Z a-z 0-9"))
            #expect(try await client.post("/v1/queues/reports/pause", "").status == .ok)
            #expect(try await client.post("/v1/queues/reports/resume", "{}").status == .ok)
        }
    }
}
