import BatonModel
import BatonTesting
import Testing

@Suite("K3 retention", .timeLimit(.minutes(1)))
struct K3Retention {
    private func withRetention(_ clock: TestClock, _ body: (TestCluster) async throws -> Void) async throws {
        var settings = TestClusterSettings()
        settings.clock = clock
        settings.coordinator.retention.completed = .seconds(24 * 3600)
        settings.coordinator.retention.failed = .seconds(3 * 24 * 3600)
        try await withCluster(settings, body)
    }

    private func isThere(_ run: RunID, _ cluster: TestCluster) async -> Bool {
        await cluster.refusal { try await cluster.run(run) } == nil
    }

    @Test("completed runs go after their time, failed ones later, archives and what still runs never")
    func expiry() async throws {
        let clock = TestClock()
        try await withRetention(clock) { cluster in
            cluster.register("work", .succeeding("r"))
            cluster.register("bad", .failing(with: TaskError(type: "e", message: "m")))
            cluster.register("long", .hanging)
            let good = try await cluster.submit(graph(task("a"), task("b", after: .init("a")), key: "k"))
            let bad = try await cluster.submit(graph(task("a", handler: "bad")))
            try await cluster.wait(good.id)
            try await cluster.wait(bad.id)
            let archive = try await cluster.coordinator.archive(good.id, ReuseRequest())
            let link = try await cluster.coordinator.link(good.id, ReuseRequest())
            let open = try await cluster.submit(graph(task("a", handler: "long")))
            // The newest run is kept in any case; let it be one that goes on.
            try await cluster.advance(by: .seconds(12 * 3600))
            #expect(await isThere(good.id, cluster))
            try await cluster.advance(by: .seconds(13 * 3600))
            #expect(await !isThere(good.id, cluster))
            #expect(await isThere(bad.id, cluster))
            #expect(await isThere(archive.id, cluster))
            #expect(try await cluster.run(open.id).status == .running)
            #expect(await cluster.refusal { try await cluster.events(of: good.id) } == .notFound)
            // Its key is free.
            let again = try await cluster.submit(graph(task("other"), key: "k"))
            #expect(again.existing != true)
            try await cluster.advance(by: .seconds(3 * 24 * 3600))
            #expect(await !isThere(bad.id, cluster))
            #expect(await isThere(archive.id, cluster))
            #expect(try await cluster.task("b", of: archive.id).result?.value == "r")
            _ = link
        }
    }

    @Test("what links to the results of a run that goes keeps them")
    func links() async throws {
        let clock = TestClock()
        try await withRetention(clock) { cluster in
            cluster.register("work", .succeeding("kept"))
            let original = try await cluster.submit(graph(task("a")))
            try await cluster.wait(original.id)
            try await cluster.advance(by: .seconds(20 * 3600))
            let link = try await cluster.coordinator.link(original.id, ReuseRequest())
            let newest = try await cluster.submit(graph(task("z")))
            try await cluster.wait(newest.id)
            try await cluster.advance(by: .seconds(5 * 3600))
            #expect(await !isThere(original.id, cluster))
            #expect(try await cluster.task("a", of: link.id).result?.value == "kept")
        }
    }
}
