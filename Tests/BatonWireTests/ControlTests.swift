import BatonModel
import Testing

@testable import BatonWire

@Suite("Control and workers' own messages", .timeLimit(.minutes(1)))
struct ControlTests {
    static let controls: [(String, Control)] = [
        ("cancel", .cancel(attempts: ["a.0.1", "b.1.2"], reason: "told \"so\"")), ("cancel", .cancel(attempts: [], reason: nil)),
        ("leased", .leased(attempts: ["a.0.1"])), ("claimed", .claimed(granted: ["a.0.1"], refused: ["b.0.1"])),
        ("welcome", .welcome(cancelled: ["x"])), ("announce", .announce), ("drain", .drain),
    ]

    @Test("each control message reads back as it was", arguments: controls.indices)
    func roundTrip(index: Int) throws {
        let (type, control) = Self.controls[index]
        let message = control.message(id: "c1")
        #expect(try Control.read(message) == control)
        #expect(message.type == type)
        #expect(message.messageID == "c1")
        #expect(message.headers["baton-protocol"] == .integer(1))
        #expect(!message.isPersistent)
    }

    @Test("control of a kind or with fields that aren't known is ignored; a higher protocol and garbage are refused")
    func tolerance() throws {
        #expect(try Control.read(Message(type: "later", body: Array("{}".utf8))) == nil)
        #expect(try Control.read(Message(type: "later", body: [0xFF])) == nil)
        #expect(try Control.read(Message()) == nil)
        #expect(try Control.read(Message(type: "drain")) == .drain)
        #expect(try Control.read(Message(type: "leased", body: Array(#"{"attempts":["a",5],"later":1}"#.utf8))) == .leased(attempts: ["a"]))
        #expect(try Control.read(Message(type: "leased", body: Array("[]".utf8))) == .leased(attempts: []))
        #expect(throws: WireError.self) { try Control.read(Message(type: "cancel", body: Array("{".utf8))) }
        #expect(throws: WireError.self) { try Control.read(Message(type: "drain", headers: ["baton-protocol": .integer(2)], body: Array("{}".utf8))) }
    }

    static let announcement = WorkerAnnouncement(
        worker: "w1", state: .draining, handlers: [.init(name: "h", hooks: ["onFailed"])], queues: ["default", "money"], slots: 8, tags: ["gpu"],
        running: ["a.0.1"], controlQueue: "baton.control.w1", host: "h\"1", startedAt: Timestamp(milliseconds: 1_764_000_000_001))

    @Test("what a worker says of itself reads back as it was")
    func workers() throws {
        for message in [WorkerMessage.announcement(Self.announcement), .seen(controlID: "c1", worker: "w1")] {
            #expect(try WorkerMessage.read(message.message) == message)
            #expect(message.message.headers["baton-worker"] == .string("w1"))
            #expect(!message.message.isPersistent)
        }
    }

    @Test("other messages on the reports exchange aren't a worker's own; broken ones are refused")
    func otherMessages() throws {
        #expect(try WorkerMessage.read(Message(type: "completed", correlationID: "a.0.1")) == nil)
        #expect(try WorkerMessage.read(Message()) == nil)
        for message in [
            Message(type: "worker"), Message(type: "worker", body: Array("{}".utf8)), Message(type: "worker", body: [0xFF]), Message(type: "seen"),
            Message(type: "seen", correlationID: "c"), Message(type: "seen", headers: ["baton-worker": .string("w")]),
            Message(type: "seen", correlationID: "c", headers: ["baton-worker": .string("w"), "baton-protocol": .integer(2)]),
        ] {
            #expect(throws: WireError.self) { try WorkerMessage.read(message) }
        }
    }
}
