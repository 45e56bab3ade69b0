import AMQP
import BatonModel
import Foundation
import Testing

import struct BatonWire.SubmitKey
import struct BatonWire.Topology

extension ClusterTests {
    /// With accounts as `deploy/rabbitmq/users` makes them.
    @Suite struct BrokerAccountTests {
        @Test("With an account for each role a graph runs to its end, and no account does more than its role needs (K8)", .timeLimit(.minutes(3)))
        func accounts() async throws {
            let broker = try await RabbitMQ.administered()
            let topology = BatonWire.Topology(namespace: Cluster.freshNamespace())
            let accounts = try await Accounts.make(broker, topology.namespace)
            do {
                var options = Cluster.Options(workers: 0, broker: broker, coordinator: ["--require-owner"])
                options.namespace = topology.namespace
                options.coordinatorAccount = accounts["coordinator"]
                options.workerAccount = accounts["worker"]
                try await withCluster(options) { cluster in
                    // It may not declare the queues it works on, and none is there yet.
                    try await cluster.startWorker()
                    try await Self.producer(cluster, accounts)
                    try await Self.worker(broker, topology, accounts)
                    try await Self.listener(broker, topology, accounts)
                }
            } catch {
                try? await Accounts.remove(accounts, broker)
                throw error
            }
            try await Accounts.remove(accounts, broker)
        }

        private static func producer(_ cluster: Cluster, _ accounts: [String: String]) async throws {
            let topology = BatonWire.Topology(namespace: cluster.namespace)
            try await connected(cluster.broker, accounts["producer"]) { shop in
                let replies = topology.replyPrefix(of: "shop") + "1"
                try await shop.declare(QueueDeclaration(replies, durable: false, exclusive: true))
                let consumer = try await shop.consume(queue: replies, prefetch: 10)
                var answers = consumer.makeAsyncIterator()
                func submit(
                    _ document: JSONValue, exchange: String? = nil, key: String = "shop.order", replyTo: String? = nil, headers: Headers = [:]
                ) async throws {
                    try await shop.publish(
                        Publication(
                            exchange: exchange ?? topology.submit.name, routingKey: key,
                            properties: Properties(
                                contentType: "application/json", headers: headers, correlationID: UUID().uuidString,
                                replyTo: replyTo ?? replies, type: "graph"),
                            body: JSON(document).bytes))
                }
                func answer() async throws -> (type: String, body: JSONValue) {
                    let delivery = try #require(await answers.next())
                    delivery.ack()
                    return (delivery.properties.type ?? "", try JSON(parsing: delivery.body).value)
                }

                let document = graph("order", [step("one"), step("two", after: ["one"])])
                try await submit(document, headers: ["baton-reply": "result"])
                let accepted = try await answer()
                #expect(accepted.type == "accepted")
                #expect(try await answer().type == "completed")
                let run = RunID(try #require(accepted.body["run"]?.string))
                #expect(try await cluster.api.run(run).owner == "shop")

                // As another owner: by key, by document, by header.
                #expect(await code { try await submit(document, key: "bank.order") } == .accessRefused)
                #expect(await code { try await submit(document, key: "-.order") } == .accessRefused)
                #expect(await code { try await submit(document, key: "shopping.order") } == .accessRefused)
                try await submit(graph("order", [step("one")], ["owner": "bank"]))
                let denied = try await answer()
                #expect(denied.type == "rejected")
                #expect(denied.body["code"] == "denied")
                try await submit(document, headers: ["baton-owner": "bank"])
                #expect(try await answer().body["code"] == "denied")
                // By an exchange and by dead letters of its own, which topic permissions don't hold.
                let detour = topology.replyPrefix(of: "shop") + "detour"
                try await shop.declare(ExchangeDeclaration(detour, type: "topic", durable: false, autoDelete: true))
                try await shop.bind(Binding(from: detour, to: .exchange(topology.submit.name), routingKey: "#"))
                let runs = try await cluster.api.runs().count
                #expect(try await refusals(2, cluster, topology).allSatisfy { $0.contains("names the owner 'bank'") })
                try await submit(document, exchange: detour, key: "bank.order")
                try await shop.declare(
                    QueueDeclaration(
                        detour, durable: false, exclusive: true,
                        arguments: [
                            "x-message-ttl": 0, "x-dead-letter-exchange": .string(topology.submit.name), "x-dead-letter-routing-key": "bank.order",
                        ]))
                try await shop.bind(Binding(from: detour, to: .queue(detour), routingKey: "dead"))
                try await submit(document, exchange: detour, key: "dead")
                // Answers go neither to the cluster's queues nor to another owner's.
                try await submit(document, replyTo: topology.reportsQueue(0).name)
                try await submit(document, replyTo: topology.replyPrefix(of: "bank") + "1")
                // The one that became a dead letter came by the exchange too.
                let reasons = try await refusals(5, cluster, topology)
                #expect(reasons.filter { $0.contains("came by the exchange '\(detour)'") }.count == 2)
                #expect(reasons.filter { $0.contains("is a dead letter") }.count == 1)
                #expect(reasons.filter { $0.contains("reply_to is") }.count == 2)
                #expect(try await cluster.api.runs().count == runs)

                // And nothing else.
                #expect(await code { _ = try await shop.get(queue: topology.tasksQueue("default", .normal).name) } == .accessRefused)
                #expect(await code { _ = try await shop.get(queue: topology.submitQueue.name) } == .accessRefused)
                #expect(await code { try await shop.declare(QueueDeclaration("mine", durable: false, exclusive: true)) } == .accessRefused)
                #expect(await code { try await shop.bind(Binding(from: topology.events.name, to: .queue(replies), routingKey: "#")) } == .accessRefused)
                #expect(await code { try await shop.publish(Publication(exchange: topology.reports.name, routingKey: "0")) } == .accessRefused)
                #expect(await code { try await shop.publish(Publication(exchange: "", routingKey: topology.submitQueue.name)) } == .accessRefused)
            }
        }

        private static func worker(_ broker: RabbitMQ, _ topology: BatonWire.Topology, _ accounts: [String: String]) async throws {
            try await connected(broker, accounts["worker"]) { worker in
                let tasks = topology.tasksQueue("default", .normal).name
                for exchange in [topology.submit, topology.tasks, topology.events, topology.control] {
                    #expect(await code { try await worker.publish(Publication(exchange: exchange.name, routingKey: "shop.x", mandatory: false)) } == .accessRefused, "\(exchange.name)")
                }
                #expect(await code { try await worker.publish(Publication(exchange: "", routingKey: tasks)) } == .accessRefused)
                for queue in [topology.reportsQueue(0), topology.submitQueue, topology.parkedQueue] {
                    #expect(await code { _ = try await worker.get(queue: queue.name) } == .accessRefused, "\(queue.name)")
                }
                for queue in ["mine", topology.tasksQueue("other", .low).name, topology.namespace + ".reports.9"] {
                    #expect(await code { try await worker.declare(QueueDeclaration(queue)) } == .accessRefused, "\(queue)")
                }
                for queue in [tasks, topology.reportsQueue(0).name] {
                    #expect(await code { try await worker.deleteQueue(queue) } == .accessRefused, "\(queue)")
                }
            }
        }

        private static func listener(_ broker: RabbitMQ, _ topology: BatonWire.Topology, _ accounts: [String: String]) async throws {
            try await connected(broker, accounts["listener"]) { listener in
                let name = accounts["listener"]?.split(separator: ":").first.map(String.init) ?? ""
                let queue = "\(topology.namespace)-listener.\(name).1"
                try await listener.declare(QueueDeclaration(queue, durable: false, exclusive: true))
                try await listener.bind(Binding(from: topology.events.name, to: .queue(queue), routingKey: "#"))
                #expect(await code { try await listener.bind(Binding(from: topology.control.name, to: .queue(queue))) } == .accessRefused)
                #expect(await code { try await listener.publish(Publication(exchange: topology.submit.name, routingKey: "shop.x")) } == .accessRefused)
                #expect(await code { _ = try await listener.get(queue: topology.tasksQueue("default", .normal).name) } == .accessRefused)
            }
        }

        @Test("The definitions that are shipped are those that the script makes")
        func definitions() async throws {
            let broker = RabbitMQ(url: "", directory: "/nowhere")
            let file = try JSON(parsing: Array(Data(contentsOf: URL(filePath: Repository.path("deploy/rabbitmq/definitions.json"))))).value
            let permissions = file["permissions"]?.array ?? []
            #expect(permissions.count == 5)
            for permission in permissions {
                let user = permission["user"]?.string ?? ""
                let output = try await broker.users(["--dry-run", user == "shop" ? "producer" : user, user] + (user == "shop" ? ["shop"] : []))
                let plain = output.replacing("\\", with: "")
                let words = ["configure", "write", "read"].map { permission[$0]?.string?.replacing("\\", with: "") ?? "nothing" }
                #expect(plain.contains("set_permissions -p / \(user) \(words.joined(separator: " "))"), "\(user)")
            }
        }

        // MARK: - Connections

        /// Takes so many messages that were put aside, and says why they were.
        private static func refusals(_ count: Int, _ cluster: Cluster, _ topology: BatonWire.Topology) async throws -> [String] {
            try await connected(cluster.broker, nil) { connection in
                var reasons: [String] = []
                while reasons.count < count {
                    let delivery = try await eventually("a refused submission") { try await connection.get(queue: topology.parkingQueue.name) }
                    delivery.ack()
                    reasons.append(delivery.properties.headers["baton-parked-reason"]?.string ?? "")
                }
                return reasons
            }
        }

        private static func code(_ body: () async throws -> Void) async -> AMQPError.Code? {
            do {
                try await body()
                return nil
            } catch {
                return (error as? AMQPError)?.code
            }
        }

        private static func connected<Value>(
            _ broker: RabbitMQ, _ account: String?, _ body: (Connection) async throws -> Value
        ) async throws -> Value {
            let connection = Connection(try ConnectionConfiguration(url: broker.url(account)))
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await connection.run() }
                defer { connection.shutdown() }
                return try await body(connection)
            }
        }
    }

    private enum Accounts {
        /// By role, as `name:password`.
        static func make(_ broker: RabbitMQ, _ namespace: String) async throws -> [String: String] {
            var accounts: [String: String] = [:]
            for role in ["coordinator", "worker", "producer", "listener"] {
                let name = "\(namespace)-\(role)"
                let words = ["--namespace", namespace, role, name] + (role == "producer" ? ["shop"] : [])
                accounts[role] = "\(name):\(try await broker.users(words))"
            }
            return accounts
        }

        static func remove(_ accounts: [String: String], _ broker: RabbitMQ) async throws {
            for account in accounts.values {
                try await broker.users(["remove", String(account.prefix { $0 != ":" })])
            }
        }
    }
}
