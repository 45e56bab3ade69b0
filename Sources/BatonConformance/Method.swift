import BatonWire

/// The methods of AMQP 0-9-1 by which a worker's conduct is told.
enum Method: Sendable, Hashable {
    case channelOpen
    case channelClose(code: UInt16, text: String)
    case channelCloseOK
    case confirmSelect
    case prefetch(UInt16)
    case consume(queue: String, tag: String, isUnacknowledged: Bool, hasAnswer: Bool)
    case consumeOK(tag: String)
    case get(queue: String, isUnacknowledged: Bool)
    case getEmpty
    case getOK(tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String)
    case deliver(consumer: String, tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String)
    case publish(exchange: String, routingKey: String, isMandatory: Bool)
    case returned(exchange: String, routingKey: String)
    case ack(tag: UInt64, isMultiple: Bool)
    case nack(tag: UInt64, isMultiple: Bool, isRequeued: Bool)
    case reject(tag: UInt64, isRequeued: Bool)

    /// `nil` for a method that tells nothing of the kind.
    init?(_ payload: [UInt8]) throws(WireReader.Truncated) {
        var reader = WireReader(payload)
        let method = (try reader.short(), try reader.short())
        switch method {
        case (20, 10): self = .channelOpen
        case (20, 40):
            let code = try reader.short()
            self = .channelClose(code: code, text: try reader.shortString())
        case (20, 41): self = .channelCloseOK
        case (85, 10): self = .confirmSelect
        case (60, 10):
            _ = try reader.long()
            self = .prefetch(try reader.short())
        case (60, 20):
            _ = try reader.short()
            let queue = try reader.shortString()
            let tag = try reader.shortString()
            let bits = try reader.octet()
            self = .consume(queue: queue, tag: tag, isUnacknowledged: bits & 2 != 0, hasAnswer: bits & 8 == 0)
        case (60, 21): self = .consumeOK(tag: try reader.shortString())
        case (60, 40):
            _ = try reader.short()
            let exchange = try reader.shortString()
            let routingKey = try reader.shortString()
            self = .publish(exchange: exchange, routingKey: routingKey, isMandatory: try reader.octet() & 1 != 0)
        case (60, 50):
            _ = try reader.short()
            _ = try reader.shortString()
            let exchange = try reader.shortString()
            self = .returned(exchange: exchange, routingKey: try reader.shortString())
        case (60, 60):
            let consumer = try reader.shortString()
            let tag = try reader.longLong()
            let isRedelivered = try reader.octet() & 1 != 0
            let exchange = try reader.shortString()
            self = .deliver(
                consumer: consumer, tag: tag, isRedelivered: isRedelivered, exchange: exchange, routingKey: try reader.shortString())
        case (60, 70):
            _ = try reader.short()
            let queue = try reader.shortString()
            self = .get(queue: queue, isUnacknowledged: try reader.octet() & 1 != 0)
        case (60, 71):
            let tag = try reader.longLong()
            let isRedelivered = try reader.octet() & 1 != 0
            let exchange = try reader.shortString()
            self = .getOK(tag: tag, isRedelivered: isRedelivered, exchange: exchange, routingKey: try reader.shortString())
        case (60, 72): self = .getEmpty
        case (60, 80):
            let tag = try reader.longLong()
            self = .ack(tag: tag, isMultiple: try reader.octet() & 1 != 0)
        case (60, 90):
            let tag = try reader.longLong()
            self = .reject(tag: tag, isRequeued: try reader.octet() & 1 != 0)
        case (60, 120):
            let tag = try reader.longLong()
            let bits = try reader.octet()
            self = .nack(tag: tag, isMultiple: bits & 1 != 0, isRequeued: bits & 2 != 0)
        default: return nil
        }
    }

    /// Whether a header and a body follow.
    var hasContent: Bool {
        switch self {
        case .publish, .returned, .deliver, .getOK: true
        default: false
        }
    }
}

/// A content's header: the message's properties, and how many bytes follow.
struct ContentHeader: Sendable {
    var size: UInt64
    var message: Message

    init(_ payload: [UInt8]) throws(WireReader.Truncated) {
        var reader = WireReader(payload)
        _ = try reader.long()
        size = try reader.longLong()
        message = Message(isPersistent: false)
        // A second word of flags would follow where the lowest bit is set; AMQP 0-9-1 has no property that needs it.
        let flags = try reader.short()
        func has(_ bit: Int) -> Bool { flags & (1 << bit) != 0 }
        if has(15) { message.contentType = try reader.shortString() }
        if has(14) { _ = try reader.shortString() }
        if has(13) { message.headers = try reader.table() }
        if has(12) { message.isPersistent = try reader.octet() == 2 }
        if has(11) { message.priority = try reader.octet() }
        if has(10) { message.correlationID = try reader.shortString() }
        if has(9) { message.replyTo = try reader.shortString() }
        if has(8) { _ = try reader.shortString() }
        if has(7) { message.messageID = try reader.shortString() }
        if has(6) { message.timestamp = try reader.longLong() }
        if has(5) { message.type = try reader.shortString() }
        if has(4) { _ = try reader.shortString() }
        if has(3) { message.appID = try reader.shortString() }
    }
}
