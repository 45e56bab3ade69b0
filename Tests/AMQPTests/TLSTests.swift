import AMQP
import Foundation
import Testing

@Suite("TLS", .timeLimit(.minutes(2)))
struct TLSTests {
    private static func authority(_ name: String, in directory: String) async throws {
        try await Broker.execute(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).pem"],
            in: directory)
    }

    private static func certificate(_ name: String, signedBy authority: String, in directory: String) async throws {
        try "subjectAltName=DNS:localhost\n".write(toFile: directory + "/\(name).ext", atomically: true, encoding: .utf8)
        try await Broker.execute(
            ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr"], in: directory)
        try await Broker.execute(
            ["openssl", "x509", "-req", "-days", "2", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey", "\(authority).key",
             "-CAcreateserial", "-extfile", "\(name).ext", "-out", "\(name).pem"], in: directory)
    }

    @Test("TLS with a client certificate works; a wrong authority or host is refused clearly")
    func mutual() async throws {
        let directory = try Broker.temporaryDirectory()
        try await Self.authority("authority", in: directory)
        try await Self.authority("stranger", in: directory)
        try await Self.certificate("server", signedBy: "authority", in: directory)
        try await Self.certificate("client", signedBy: "authority", in: directory)
        let port = Int.random(in: 12_000..<19_000)
        let broker = try await Broker.start(
            configuration: """
                listeners.ssl.1 = 127.0.0.1:\(port)
                ssl_options.cacertfile = \(directory)/authority.pem
                ssl_options.certfile = \(directory)/server.pem
                ssl_options.keyfile = \(directory)/server.key
                ssl_options.verify = verify_peer
                ssl_options.fail_if_no_peer_cert = true

                """)
        let query = "cacertfile=\(directory)/authority.pem&certfile=\(directory)/client.pem&keyfile=\(directory)/client.key"
        try await withConnection("amqps://localhost:\(port)/?\(query)") { connection, _ in
            try await withQueue(on: connection) { queue in
                let body = [UInt8](repeating: 7, count: 1_000_000)
                let outcomes = Outcomes()
                connection.publish((0..<20).map { _ in Publication(routingKey: queue, body: body) }, outcome: outcomes.record)
                let consumer = try await connection.consume(queue: queue, prefetch: 3)
                var count = 0
                for await delivery in consumer {
                    #expect(delivery.body == body)
                    delivery.ack()
                    count += 1
                    if count == 20 { break }
                }
                await outcomes.wait(for: 20)
                #expect(outcomes.failures.isEmpty)
                try await consumer.cancel()
            }
        }

        let stranger = query.replacingOccurrences(of: "authority.pem", with: "stranger.pem")
        let wrongAuthority = Connection(try ConnectionConfiguration(url: "amqps://localhost:\(port)/?\(stranger)"))
        let failure = await error { try await wrongAuthority.run() }
        #expect(failure?.code == .tlsFailed)
        let byAddress = Connection(try ConnectionConfiguration(url: "amqps://127.0.0.1:\(port)/?\(query)"))
        #expect(await error { try await byAddress.run() }?.code == .tlsFailed)
        let missing = query.replacingOccurrences(of: "authority.pem", with: "missing.pem")
        let noFile = Connection(try ConnectionConfiguration(url: "amqps://localhost:\(port)/?\(missing)"))
        #expect(await error { try await noFile.run() }?.message.contains("missing.pem") == true)
        try await broker.kill()
    }
}
