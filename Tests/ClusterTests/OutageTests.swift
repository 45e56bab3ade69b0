import BatonModel
import Testing

extension ClusterTests {
    /// On a node of their own, which they may kill.
    @Suite struct OutageTests {
        @Test("A broker that is killed and comes back loses nothing and doubles nothing (A5)", .timeLimit(.minutes(4)))
        func killedBroker() async throws {
            let broker = try await RabbitMQ.disturbed()
            try await withCluster(broker: broker) { cluster in
                try await settleQueues(of: cluster)
                let run = try await cluster.api.submit(layers("outage", count: 10, width: 30, seconds: 0.3))
                _ = try await cluster.api.event(of: run.id, "the end of the third layer's first") { $0.type == .taskCompleted && $0.task == "l2-0" }
                try await broker.kill()
                #expect(try await !cluster.api.run(run.id).status.isFinal, "it was killed in mid-run")
                // The service answers, takes work, and says what is wrong, while the broker is away.
                let waiting = try await cluster.api.submit(graph("meanwhile", [step("one")]))
                try await eventually("a coordinator that says it isn't ready") {
                    try await cluster.api.ask("GET", "/readyz").status == 503 ? () : nil
                }
                try await broker.restart()
                let record = try await cluster.api.recorded(run.id, within: .seconds(120))
                #expect(record.run.counts == ["completed": 300])
                try await cluster.api.recorded(waiting.id)
                try await cluster.coordinatorIsReady()
            }
        }

        @Test("Connections that the broker drops are made again, and the run ends (A5)", .timeLimit(.minutes(3)))
        func droppedConnections() async throws {
            let broker = try await RabbitMQ.disturbed()
            try await withCluster(broker: broker) { cluster in
                let run = try await cluster.api.submit(layers("dropped", count: 12, width: 20, seconds: 0.4))
                for layer in [1, 3] {
                    _ = try await cluster.api.event(of: run.id, "the end of layer \(layer)'s first") {
                        $0.type == .taskCompleted && $0.task == TaskID("l\(layer)-0")
                    }
                    try await broker.control("close_all_connections", "a test")
                }
                let record = try await cluster.api.recorded(run.id, within: .seconds(90))
                #expect(record.run.counts == ["completed": 240])
            }
        }

        @Test("Broker, coordinator and workers are all killed at once, and the run still ends, each task recorded once (A3, A4, A5)", .timeLimit(.minutes(4)))
        func everything() async throws {
            let broker = try await RabbitMQ.disturbed()
            try await withCluster(broker: broker) { cluster in
                try await settleQueues(of: cluster)
                let run = try await cluster.api.submit(layers("power", count: 10, width: 20, seconds: 0.3, more: [sleeping("long", 4)]))
                _ = try await cluster.api.event(of: run.id, "event 150") { $0.id >= 150 }
                try await cluster.crashAll()
                try await broker.kill()
                try await broker.restart()
                try await cluster.startCoordinator()
                for _ in 0..<2 { try await cluster.startWorker() }
                let record = try await cluster.api.recorded(run.id, within: .seconds(120))
                #expect(record.run.counts == ["completed": 201])
            }
        }

        /// RabbitMQ 3.10 can lose the leader of a quorum queue that is killed with its only node within about five seconds of its
        /// declaration, for good. Nothing tells when that danger is over, so this waits by the clock.
        private func settleQueues(of cluster: Cluster) async throws {
            try await cluster.api.recorded(try await cluster.api.submit(graph("first", [step("one")])).id)
            try await ContinuousClock().sleep(for: .seconds(7))
        }
    }
}
