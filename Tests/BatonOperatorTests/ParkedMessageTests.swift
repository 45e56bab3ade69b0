import AMQP
import BatonModel
import BatonOperator
import Testing

import struct BatonWire.Topology

@Suite("What is known of a parked message", .timeLimit(.minutes(1)))
struct ParkedMessageTests {
    private func death(_ queue: String, _ reason: String, at seconds: UInt64) -> FieldValue {
        .table(["queue": .string(queue), "reason": .string(reason), "time": .timestamp(seconds), "count": 1])
    }

    @Test("Who parked it says why, from where and when")
    func noted() throws {
        let message = ParkedMessage(
            properties: Properties(
                headers: [
                    "baton-parked-reason": "not JSON", "baton-parked-from": "baton.submit",
                    "baton-parked-at": "2026-11-21T14:00:00.000Z",
                    "x-first-death-queue": "elsewhere", "x-first-death-reason": "expired",
                ], messageID: "m-1"), body: [])
        #expect(message.id == "m-1")
        #expect(message.reason == "not JSON")
        #expect(message.from == "baton.submit")
        #expect(message.parkedAt == Timestamp("2026-11-21T14:00:00Z"))
    }

    @Test(
        "What the broker gave up has reason, origin and time from its first death",
        arguments: [("delivery_limit", "given back too often"), ("rejected", "rejected"), ("expired", "expired"), ("maxlen", "full"), ("odd", "odd")])
    func dead(reason: String, word: String) {
        let headers: Headers = [
            "x-death": .array([death("later", "expired", at: 1_800_000_000), death("baton.tasks.default.p2", reason, at: 1_700_000_000)]),
            "x-first-death-queue": "baton.tasks.default.p2", "x-first-death-reason": .string(reason),
        ]
        let message = ParkedMessage(properties: Properties(headers: headers), body: [])
        #expect(message.reason.contains(word))
        #expect(message.from == "baton.tasks.default.p2")
        #expect(message.parkedAt == Timestamp(milliseconds: 1_700_000_000_000))
    }

    @Test("Headers that are not what they should be are no trouble", arguments: [
        FieldValue.string("x"), .int(3), .array([.null, .string("x"), .table(["time": .timestamp(.max), "queue": .null])]), .table([:]), .null,
    ])
    func odd(value: FieldValue) {
        let message = ParkedMessage(
            properties: Properties(headers: ["x-death": value, "baton-parked-reason": value, "baton-parked-at": value]), body: [])
        #expect(!message.reason.isEmpty)
        #expect(message.json.isObject)
    }

    @Test("Without an id that can be typed there is one that stays over looks, and differs for other contents and times")
    func identity() {
        func id(_ body: [UInt8], _ headers: Headers, messageID: String? = nil) -> String {
            ParkedMessage(properties: Properties(headers: headers, messageID: messageID), body: body).id
        }
        let first = id([1], ["baton-parked-at": "a", "x-delivery-count": 1])
        #expect(first == id([1], ["baton-parked-at": "a", "x-delivery-count": 7]))
        #expect(first != id([2], ["baton-parked-at": "a"]))
        #expect(first != id([1], ["baton-parked-at": "b"]))
        #expect(first.hasPrefix("sha-"))
        for bad in ["", "two words", "a\u{1B}[31m", "--all", "$(rm)", String(repeating: "x", count: 81)] {
            #expect(id([1], [:], messageID: bad).hasPrefix("sha-"), "\(bad)")
        }
    }

    @Test("A body is there as JSON with its numbers as they came, as text, or in hexadecimal")
    func body() throws {
        func field(_ name: String, of body: String) -> String? {
            ParkedMessage(properties: Properties(), body: Array(body.utf8)).json.fields?.first { $0.name == name }?.value.description
        }
        #expect(field("body", of: #"{"n": 123456789012345678901234567890.5}"#) == #"{"n":123456789012345678901234567890.5}"#)
        #expect(field("bodyText", of: "plain") == #""plain""#)
        #expect(field("bodyHex", of: "\u{0}a") == #""0061""#)
    }

    @Test("A message goes back to the queue it came from; an attempt's task is run again instead")
    func destination() {
        let topology = Topology(namespace: "n")
        func destination(_ from: String?, _ more: Headers = [:]) -> Destination {
            var headers = more
            headers["baton-parked-from"] = from.map { .string($0) }
            return Destination(of: ParkedMessage(properties: Properties(headers: headers), body: []), in: topology)
        }
        #expect(destination("n.submit") == .queue(exchange: "n.submit", routingKey: "-.replayed"))
        #expect(destination("n.reports.0") == .queue(exchange: "n.reports", routingKey: "0"))
        #expect(destination("n.tasks.gpu.p1") == .queue(exchange: "n.tasks", routingKey: "gpu.p1"))
        #expect(destination("n.tasks.gpu.p1", ["baton-run": "r", "baton-task": "t"]) == .rerun("r", "t"))
        #expect(destination("celery") == .queue(exchange: "", routingKey: "celery"))
        #expect(destination(nil) == .unknown)
    }

    @Test("A filter goes by a part of the reason in any case, and by the whole name of the queue")
    func filter() {
        let message = ParkedMessage(
            properties: Properties(headers: ["baton-parked-reason": "Not JSON at all", "baton-parked-from": "baton.submit"]), body: [])
        #expect(ParkingFilter().fits(message))
        #expect(ParkingFilter(reason: "not json").fits(message))
        #expect(!ParkingFilter(reason: "protocol").fits(message))
        #expect(ParkingFilter(from: "baton.submit").fits(message))
        #expect(!ParkingFilter(from: "baton").fits(message))
    }
}
