import AMQP
import BatonBroker
package import BatonModel
import BatonWire
package import Logging

/// Holds a worker, in whatever language, against the wire protocol.
///
/// Plays the coordinator in a namespace where none runs, and listens to the worker's connections as a proxy before the broker.
package enum Conformance {
    package struct Configuration: Sendable {
        /// The broker's address: `amqp://`, since what TLS hides can't be looked at.
        package var amqpURL: String
        /// `nil` for one of its own.
        package var namespace: String?
        package var queue: QueueName
        /// Where the proxy listens; port 0 for any that is free.
        package var listen: (host: String, port: Int) = ("127.0.0.1", 0)
        /// The worker's program and arguments; empty where somebody else starts it. `{url}`, `{queue}` and `{namespace}` stand
        /// for what the worker is to use.
        package var command: [String] = []
        /// After how long the worker asks for a lease. The command gets it as `BATON_LEASE_AFTER`.
        package var leaseAfter: Duration = .seconds(2)

        package init(amqpURL: String, queue: QueueName) {
            self.amqpURL = amqpURL
            self.queue = queue
        }
    }

    /// What a worker needs to know, where nobody starts it here.
    package struct Place: Sendable {
        package var url: String
        package var namespace: String
        package var queue: QueueName
        package var leaseAfter: Duration
    }

    private static let connectionLimit: Duration = .seconds(15)

    /// - Parameters:
    ///   - onReady: called once the proxy listens.
    ///   - onResult: called with each check's result as it is found; a later one of the same check replaces an earlier one.
    /// - Throws: `ConformanceError` where there is nothing to examine, or no broker.
    package static func run(
        _ configuration: Configuration, logger: Logger, onReady: (Place) -> Void = { _ in },
        onResult: @escaping (CheckResult) -> Void = { _ in }
    ) async throws -> ConformanceReport {
        let upstream = try address(configuration.amqpURL)
        let namespace = configuration.namespace ?? "conformance-" + String(UInt32.random(in: .min ... .max), radix: 36)
        for (what, name) in [("namespace", namespace), ("queue", configuration.queue.rawValue)] where !NameRule.allows(name) {
            throw ConformanceError("\(what) '\(name)': \(NameRule.explanation)", code: .usage)
        }
        let journal = Journal()
        let wiretap = Wiretap(journal: journal)
        let proxy = try Proxy(
            listen: configuration.listen, upstream: (upstream.host, upstream.port), wiretap: wiretap, journal: journal)
        defer { proxy.close() }
        let link = try AMQPBroker(url: configuration.amqpURL, logger: logger).link("conformance")
        let conductor = Conductor(
            topology: Topology(namespace: namespace), queue: configuration.queue, link: link, journal: journal)
        let place = Place(
            url: address(of: proxy, on: configuration.listen.host, for: upstream), namespace: namespace, queue: configuration.queue,
            leaseAfter: configuration.leaseAfter)
        let candidate = configuration.command.isEmpty ? nil : candidate(configuration.command, place, journal)
        let outcome: Result<ConformanceReport, any Error> = try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await link.run() }
            group.addTask { await conductor.run() }
            try await prepare(conductor, link, upstream)
            proxy.start()
            onReady(place)
            let examiner = Examiner(
                journal: journal, wiretap: wiretap, proxy: proxy, conductor: conductor, candidate: candidate,
                leaseAfter: configuration.leaseAfter, onResult: onResult)
            do { return .success(try await examiner.examine()) } catch { return .failure(error) }
        }
        // Only now that nothing consumes any more, or the queues would be declared again.
        await cleanUp(candidate, proxy, conductor, upstream, isOwn: configuration.namespace == nil)
        return try outcome.get()
    }

    /// - Throws: `ConformanceError` also where the broker isn't there, which a link by itself would wait for.
    private static func prepare(
        _ conductor: Conductor, _ link: any BrokerLink, _ upstream: ConnectionConfiguration
    ) async throws {
        do {
            let probe = Connection(upstream)
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await probe.run() }
                group.addTask { try await probe.waitUntilConnected() }
                group.addTask {
                    try await Task.sleep(for: connectionLimit)
                    throw ConformanceError("nobody answers at \(upstream.host):\(upstream.port)", code: .unreachable)
                }
                // The connection itself ends only where it is refused.
                try await group.next()
            }
        } catch let error as AMQPError {
            throw ConformanceError("the broker refuses: \(error)", code: .unreachable)
        }
        do {
            try await conductor.prepare()
        } catch let error as BrokerError {
            throw ConformanceError("the broker can't be prepared: \(error)", code: .unreachable)
        }
    }

    /// Leaves nothing of a namespace of its own. In one that was named only the queues go.
    private static func cleanUp(
        _ candidate: Candidate?, _ proxy: Proxy, _ conductor: Conductor, _ upstream: ConnectionConfiguration, isOwn: Bool
    ) async {
        // Unstructured so that cancellation doesn't reach it; it is awaited here.
        await Task {
            await candidate?.stop()
            proxy.close()
            await withTaskGroup { group in
                let connection = Connection(upstream)
                group.addTask { try? await connection.run() }
                for queue in conductor.queueNames { _ = try? await connection.deleteQueue(queue) }
                if isOwn { for exchange in conductor.topology.exchanges { try? await connection.deleteExchange(exchange.name) } }
                connection.shutdown()
            }
        }.value
    }

    private static func candidate(_ command: [String], _ place: Place, _ journal: Journal) -> Candidate {
        let names = ["{url}": place.url, "{queue}": place.queue.rawValue, "{namespace}": place.namespace]
        let environment = [
            "BATON_AMQP_URL": place.url, "BATON_QUEUE": place.queue.rawValue, "BATON_QUEUES": place.queue.rawValue,
            "BATON_NAMESPACE": place.namespace, "BATON_LEASE_AFTER": place.leaseAfter.text,
        ]
        let words = command.map { word in
            names.sorted { $0.key < $1.key }.reduce(word) { $0.replacing($1.key, with: $1.value) }
        }
        return Candidate(command: words, environment: environment, journal: journal)
    }

    private static func address(_ url: String) throws(ConformanceError) -> ConnectionConfiguration {
        let configuration: ConnectionConfiguration
        do throws(AMQPError) {
            configuration = try ConnectionConfiguration(url: url)
        } catch {
            throw ConformanceError("the broker's address is wrong: \(error)", code: .usage)
        }
        guard configuration.tls == nil else {
            throw ConformanceError("amqps:// hides what the worker does: give the address of a broker that takes plain amqp://", code: .usage)
        }
        return configuration
    }

    private static func address(of proxy: Proxy, on host: String, for upstream: ConnectionConfiguration) -> String {
        func escaped(_ text: String) -> String {
            text.utf8.map { byte in
                NameRule.allows(String(UnicodeScalar(byte))) ? String(UnicodeScalar(byte)) : "%" + Self.hex(byte)
            }.joined()
        }
        return "amqp://\(escaped(upstream.user)):\(escaped(upstream.password))@\(host):\(proxy.port)/\(escaped(upstream.virtualHost))"
    }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return text.count == 1 ? "0" + text : text
    }
}
