import BatonWire

@testable import BatonConformance

/// Frames as the two sides send them.
enum Frames {
    static func frame(_ kind: Frame.Kind, _ channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [kind.rawValue] + bytes(channel) + bytes(UInt32(payload.count)) + payload + [0xCE]
    }

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }

    static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    static func method(_ channel: UInt16, _ classID: UInt16, _ methodID: UInt16, _ arguments: [UInt8] = []) -> [UInt8] {
        frame(.method, channel, bytes(classID) + bytes(methodID) + arguments)
    }

    /// Header and body of a message with a type, a message id and a correlation id.
    static func content(
        _ channel: UInt16, type: String, messageID: String? = nil, correlationID: String? = nil, headers: [UInt8] = [], body: [UInt8] = []
    ) -> [UInt8] {
        var flags: UInt16 = 1 << 13 | 1 << 12 | 1 << 5
        var properties = bytes(UInt32(headers.count)) + headers + [2]
        if let correlationID {
            flags |= 1 << 10
            properties += text(correlationID)
        }
        if let messageID {
            flags |= 1 << 7
            properties += text(messageID)
        }
        properties += text(type)
        let header = bytes(UInt16(60)) + bytes(UInt16(0)) + bytes(UInt64(body.count)) + bytes(flags) + properties
        return frame(.header, channel, header) + (body.isEmpty ? [] : frame(.body, channel, body))
    }

    static func publish(_ channel: UInt16, exchange: String = "baton.reports", type: String, of attempt: String, body: [UInt8] = []) -> [UInt8] {
        method(channel, 60, 40, bytes(UInt16(0)) + text(exchange) + text("0") + [1])
            + content(channel, type: type, messageID: exchange == "baton.parking" ? attempt : nil, correlationID: attempt, body: body)
    }

    static func deliver(_ channel: UInt16, tag: UInt64, attempt: String, consumer: String = "c") -> [UInt8] {
        method(channel, 60, 60, text(consumer) + bytes(tag) + [0] + text("baton.tasks") + text("q.p2"))
            + content(channel, type: "task", messageID: attempt, body: Array("{}".utf8))
    }

    static func ack(_ channel: UInt16, _ tag: UInt64, multiple: Bool = false) -> [UInt8] {
        method(channel, 60, 80, bytes(tag) + [multiple ? 1 : 0])
    }
}

/// A wiretap that is fed by hand.
struct Tapped {
    let journal = Journal()
    let wiretap: Wiretap

    init() { wiretap = Wiretap(journal: journal) }

    /// - Returns: the verdict on the last frame.
    @discardableResult
    func hear(_ bytes: [UInt8], from side: Wiretap.Side, on connection: Int = 1) throws -> Wiretap.Verdict {
        var reader = FrameReader()
        reader.add(bytes)
        var verdict = Wiretap.Verdict.forward
        while let frame = try reader.next() { verdict = try wiretap.heard(frame, from: side, on: connection) }
        return verdict
    }

    var conduct: Conduct { Conduct(topology: Topology(), entries: journal.entries) }
}
