package import AMQP
package import BatonModel
import BatonWire
import Crypto
import Foundation

/// A message that was put aside, with what is known of why.
package struct ParkedMessage: Sendable {
    /// The message id where it has one, else a digest of all that stays the same: for as long as it is parked it keeps it.
    /// Messages that are equal in everything share theirs.
    package let id: String
    package let reason: String
    /// The queue it was in; nil where nobody said so.
    package let from: String?
    /// When it was put aside; nil where nobody said so.
    package let parkedAt: Timestamp?
    package let properties: Properties
    package let body: [UInt8]

    package init(properties: Properties, body: [UInt8]) {
        self.properties = properties
        self.body = body
        let headers = properties.headers
        let death = Self.firstDeath(headers)
        let note = headers[HeaderName.parkedReason]?.text
        reason = note ?? death.map(\.words) ?? "nobody said why: it was put here by hand, or by a program that isn't Baton's"
        from = headers[HeaderName.parkedFrom]?.text ?? death?.queue
        parkedAt = headers[HeaderName.parkedAt].flatMap(Self.time) ?? death?.time
        if let id = properties.messageID, Self.canBeTyped(id) { self.id = id } else { id = Self.digest(properties, body) }
    }

    /// A text, as ISO 8601 has it, or milliseconds since 1970.
    private static func time(_ value: FieldValue) -> Timestamp? {
        if let milliseconds = value.int { return Timestamp(milliseconds: milliseconds) }
        return value.text.flatMap { text in Timestamp(text) ?? Int64(text).map(Timestamp.init(milliseconds:)) }
    }

    package init(_ delivery: Delivery) { self.init(properties: delivery.properties, body: delivery.body) }

    /// Whose work it is: a task's handler, or the name of a Celery task.
    package var handler: String? { (properties.headers[HeaderName.handler] ?? properties.headers["task"])?.text }

    /// The first death of those that the broker notes, of which the latest comes first.
    private struct Death {
        var queue: String?
        var reason: String?
        var time: Timestamp?
        var count: Int64?

        var words: String {
            switch reason {
            case "delivery_limit": "the broker gave it up: it was given back too often, or its consumers died too often"
            case "rejected": "its consumer rejected it"
            case "expired": "nobody took it before it expired"
            case "maxlen": "its queue was full"
            case let reason?: "the broker gave it up: \(reason)"
            case nil: "the broker gave it up"
            }
        }
    }

    private static func firstDeath(_ headers: AMQP.Headers) -> Death? {
        var deaths: [Death] = []
        if case .array(let entries) = headers["x-death"] {
            deaths = entries.compactMap { entry in
                guard case .table(let fields) = entry else { return nil }
                var time: Timestamp?
                if case .timestamp(let seconds) = fields["time"], let seconds = Int64(exactly: seconds), seconds < 1 << 40 {
                    time = Timestamp(milliseconds: seconds * 1000)
                }
                return Death(queue: fields["queue"]?.text, reason: fields["reason"]?.text, time: time, count: fields["count"]?.int)
            }
        }
        let queue = headers["x-first-death-queue"]?.text
        let reason = headers["x-first-death-reason"]?.text
        guard queue != nil || reason != nil || !deaths.isEmpty else { return nil }
        let first = deaths.last { $0.queue == queue && $0.reason == reason } ?? deaths.last
        return Death(queue: queue ?? first?.queue, reason: reason ?? first?.reason, time: first?.time, count: first?.count)
    }

    private static func canBeTyped(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 80 && !id.hasPrefix("-")
            && id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"'\"\\`$&|;<>()*?[]{}!#~".utf8.contains($0) }
    }

    /// Headers that the broker changes from one look to the next.
    private static let changing: Set<String> = ["x-delivery-count", "x-acquired-count"]

    private static func digest(_ properties: Properties, _ body: [UInt8]) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.write(properties, without: changing)
        }
        var hash = SHA256()
        hash.update(data: writer.bytes)
        hash.update(data: body)
        return "sha-" + hash.finalize().prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

extension FieldValue {
    /// Of a header that holds a text or a number.
    var text: String? {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .bool, .double, .timestamp, .array, .table, .null: nil
        }
    }
}
