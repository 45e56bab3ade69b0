/// Sizes on the wire. The library writes a publication's method frame before it finds that the headers don't fit, which
/// leaves the channel unusable; so sizes and lengths are checked before anything is sent.
extension Headers {
    /// Nesting deeper than this is refused: the library encodes by recursion.
    static let maximumDepth = 32

    func encodedSize(depth: Int = 0) throws(AMQPError) -> Int {
        guard depth < Self.maximumDepth else {
            throw AMQPError(.invalidArgument, "headers are nested deeper than \(Self.maximumDepth) levels")
        }
        var size = 4
        for entry in entries {
            let name = entry.name.utf8.count
            guard name <= 255 else {
                throw AMQPError(.invalidArgument, "the header name '\(entry.name.prefix(40))…' is longer than 255 bytes")
            }
            size += 1 + name + (try entry.value.encodedSize(depth: depth))
        }
        return size
    }
}

extension FieldValue {
    func encodedSize(depth: Int) throws(AMQPError) -> Int {
        switch self {
        case .string(let text): return 5 + text.utf8.count
        case .int, .timestamp: return 9
        case .double(let number):
            // RabbitMQ ends the connection over one that isn't, and would each time it is sent again.
            guard number.isFinite else { throw AMQPError(.invalidArgument, "a header's number is \(number), which the broker can't read") }
            return 9
        case .bool: return 2
        case .bytes(let bytes): return 5 + bytes.count
        case .table(let headers): return 1 + (try headers.encodedSize(depth: depth + 1))
        case .null: return 1
        case .array(let values):
            guard depth < Headers.maximumDepth else {
                throw AMQPError(.invalidArgument, "headers are nested deeper than \(Headers.maximumDepth) levels")
            }
            var size = 5
            for value in values { size += try value.encodedSize(depth: depth + 1) }
            return size
        }
    }
}

extension Properties {
    func encodedSize() throws(AMQPError) -> Int {
        // Flags, delivery mode, priority and timestamp.
        var size = 2 + 1 + 1 + 8
        if !headers.isEmpty { size += try headers.encodedSize() }
        func add(_ text: String?, _ name: StaticString) throws(AMQPError) {
            guard let text else { return }
            size += 1 + (try text.checkedShortLength(name))
        }
        try add(contentType, "content type")
        try add(contentEncoding, "content encoding")
        try add(correlationID, "correlation id")
        try add(replyTo, "reply-to")
        try add(expiration, "expiration")
        try add(messageID, "message id")
        try add(type, "type")
        try add(userID, "user id")
        try add(appID, "app id")
        return size
    }
}

extension String {
    @discardableResult
    func checkedShortLength(_ what: StaticString) throws(AMQPError) -> Int {
        let count = utf8.count
        guard count <= 255 else {
            throw AMQPError(.invalidArgument, "the \(what) is \(count) bytes long; AMQP allows 255")
        }
        return count
    }
}

extension Publication {
    /// Throws when AMQP can't carry the publication in frames of this size.
    func check(frameMax: Int) throws(AMQPError) {
        try exchange.checkedShortLength("exchange name")
        try routingKey.checkedShortLength("routing key")
        let size = try properties.encodedSize()
        // Frame header and end (8 bytes), class, weight and body size (12 bytes).
        let limit = frameMax - 20
        guard size <= limit else {
            throw AMQPError(
                .invalidArgument, "headers and properties take \(size) bytes; a frame of this connection holds \(limit)")
        }
    }
}
