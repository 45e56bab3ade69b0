import BatonCoordinator
import BatonModel
import BatonTesting
import Testing

@Suite("K5 why a task ended", .timeLimit(.minutes(1)))
struct K5WhyEnded {
    private static let refusal = TaskError(type: "cardRefused", message: "The card was refused.", retryable: false)

    @Test("a task that failed, and those skipped for it, down to the one that broke")
    func skipped() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding())
            cluster.register("charge", .failing(with: Self.refusal))
            let run = try await cluster.submit(
                graph(task("ok"), task("charge", handler: "charge"), task("ship", after: .init("charge")), task("mail", after: .init("ship"), .init("ok"))))
            try await cluster.wait(run.id)
            let failed = try await cluster.why("charge", of: run.id)
            #expect(failed.reason == .failed && failed.waitsFor.first?.error?.type == "cardRefused")
            #expect(failed.text.contains("baton rerun \(run.id)"), "\(failed.text)")
            let mail = try await cluster.why("mail", of: run.id)
            #expect(mail.reason == .skipped)
            #expect(mail.waitsFor.filter { $0.kind == .task }.map(\.task) == ["ship", "charge"])
            #expect(mail.waitsFor.filter { $0.kind == .root }.map(\.task) == ["charge"])
            #expect(mail.text.contains("charge failed: The card was refused"), "\(mail.text)")
            let ok = try await cluster.why("ok", of: run.id)
            #expect(ok.reason == .completed && ok.text.contains("on worker"), "\(ok.text)")
            let whole = try await cluster.coordinator.why(run: run.id)
            #expect(whole.status == .failed && whole.tasks.map(\.task) == ["charge"])
        }
    }

    @Test("a branch that was not taken, and a condition that was not met")
    func notTaken() async throws {
        try await withCluster { cluster in
            cluster.register("work", .succeeding("yes"))
            let decision = task("decide").with { $0.rules.routing = Routing([.init("yes", to: ["ship"]), .init("no", to: ["stop"])]) }
            let run = try await cluster.submit(
                graph(decision, task("ship"), task("stop"), task("never").with { $0.rules.when = "`false`" }))
            try await cluster.wait(run.id)
            let stop = try await cluster.why("stop", of: run.id)
            #expect(stop.reason == .skipped && stop.waitsFor.contains { $0.task == "decide" && $0.on == .routed })
            #expect(stop.text.contains("chose another branch"), "\(stop.text)")
            #expect(try await cluster.why("never", of: run.id).text.contains("condition"))
        }
    }

    @Test("a task that was cancelled because another one failed names it")
    func cancelled() async throws {
        try await withCluster { cluster in
            cluster.register("work", .failing(with: Self.refusal))
            var graph = graph(task("charge"), task("later", start: .after(.seconds(3600))))
            graph.onFailure = .cancel
            let run = try await cluster.submit(graph)
            try await cluster.wait(run.id)
            let why = try await cluster.why("later", of: run.id)
            #expect(why.reason == .cancelled && why.waitsFor.contains { $0.kind == .root && $0.task == "charge" }, "\(why.text)")
        }
    }

    @Test("a compensation that is under way, and one that has come to its end", arguments: [true, false])
    func compensation(_ works: Bool) async throws {
        try await withCluster { cluster in
            let gate = Journal<Void>()
            cluster.register("work", .succeeding())
            cluster.register("charge", .failing(with: Self.refusal))
            cluster.register("undo") { () -> JSONValue in
                try await gate.first()
                if !works { throw Self.refusal }
                return .null
            }
            let reserve = task("reserve").with { $0.rules.compensation = Compensation("undo") }
            let run = try await cluster.submit(graph(reserve, task("charge", after: .init("reserve"), handler: "charge")))
            try await cluster.waitForCalls(of: "undo")
            let why = try await cluster.why("reserve", of: run.id)
            #expect(why.reason == .compensating && why.waitsFor.map(\.task) == ["reserve~compensate"], "\(why.text)")
            let whole = try await cluster.coordinator.why(run: run.id)
            #expect(whole.status == .compensating && whole.text.contains("undoes") && whole.tasks.map(\.task) == ["reserve~compensate"])
            gate.append(())
            try await cluster.wait(run.id)
            let end = try await cluster.why("reserve", of: run.id)
            #expect(end.reason == .undone && end.text.contains(works ? "was undone by undo" : "could not be undone"), "\(end.text)")
        }
    }
}
