import AMQP
import Testing

@Suite("Addresses", .timeLimit(.minutes(1)))
struct AddressTests {
    @Test("parts, defaults and percent-encoding")
    func parts() throws {
        let full = try ConnectionConfiguration(url: "amqp://us%40er:p%3Aw%2F@broker.example:1234/my%2Fhost?heartbeat=3")
        #expect(full.user == "us@er")
        #expect(full.password == "p:w/")
        #expect(full.host == "broker.example")
        #expect(full.port == 1234)
        #expect(full.virtualHost == "my/host")
        #expect(full.heartbeat == .seconds(3))
        #expect(full.tls == nil)
        for url in ["amqp://", "amqp:///", "amqp://guest@", "amqp://guest:guest@127.0.0.1:5672/", "AMQP://127.0.0.1/%2f"] {
            let plain = try ConnectionConfiguration(url: url)
            #expect(plain.host == "127.0.0.1")
            #expect(plain.port == 5672)
            #expect(plain.virtualHost == "/")
            #expect(plain.user == "guest")
        }
        let tls = try ConnectionConfiguration(url: "amqps://[::1]/v?cacertfile=/ca.pem&verify=verify_none")
        #expect(tls.host == "::1")
        #expect(tls.port == 5671)
        #expect(tls.virtualHost == "v")
        #expect(tls.tls?.caFile == "/ca.pem")
        #expect(tls.tls?.verifyPeer == false)
    }

    @Test(
        "what can't be read is refused",
        arguments: [
            "", "http://x", "amqp:/x", "amqp://x:port/", "amqp://x:0/", "amqp://x:70000", "amqp://u%4:p@x", "amqp://x/%zz",
            "amqp://x/a/b", "amqp://[::1", "amqp://x?heartbeat=0", "amqp://x?unknown=1", "amqp://x?heartbeat", "amqp://a%00b@x",
        ])
    func refused(url: String) {
        #expect(throws: AMQPError.self) { try ConnectionConfiguration(url: url) }
    }

    @Test(
        "a password that is written wrong is not shown",
        arguments: [
            "amqp://guest:hunter2/xx@h:5672/v", "amqp://guest:1?hunter2@h", "amqp://guest:1?heartbeat=hunter2@h", "guest:hunter2@h://", "amqp://u:hunter2#x@h",
        ])
    func secret(url: String) throws {
        let error = try #require(throws: AMQPError.self) { try ConnectionConfiguration(url: url) }
        #expect(!error.description.contains("hunter2"))
        #expect(!error.description.contains("%2F") || error.description.contains("password"))
    }
}
