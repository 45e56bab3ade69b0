/// One frame of AMQP 0-9-1, as it came.
struct Frame: Sendable, Hashable {
    enum Kind: UInt8, Sendable { case method = 1, header = 2, body = 3, heartbeat = 8 }

    /// `nil` for the protocol's greeting, and for kinds that nobody should send.
    var kind: Kind?
    var channel: UInt16
    var payload: [UInt8]
    /// All of it, to be passed on.
    var bytes: [UInt8]
}

/// Cuts a stream of bytes into frames, however the bytes arrive.
struct FrameReader {
    /// What arrives isn't AMQP.
    struct NotAMQP: Error {}

    /// No broker negotiates larger ones by default; more would only fill memory.
    static let largest = 16 << 20
    private static let greeting = Array("AMQP".utf8)
    private static let end: UInt8 = 0xCE

    private var buffer: [UInt8] = []

    mutating func add(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next whole frame, if it is there.
    mutating func next() throws(NotAMQP) -> Frame? {
        if buffer.starts(with: Self.greeting) {
            guard buffer.count >= 8 else { return nil }
            return Frame(kind: nil, channel: 0, payload: [], bytes: take(8))
        }
        guard buffer.count >= 8 else { return nil }
        let size = buffer[3..<7].reduce(0) { $0 << 8 | Int($1) }
        guard size <= Self.largest else { throw NotAMQP() }
        guard buffer.count >= size + 8 else { return nil }
        let bytes = take(size + 8)
        guard bytes[size + 7] == Self.end else { throw NotAMQP() }
        return Frame(
            kind: Frame.Kind(rawValue: bytes[0]), channel: UInt16(bytes[1]) << 8 | UInt16(bytes[2]),
            payload: Array(bytes[7..<size + 7]), bytes: bytes)
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }
}
