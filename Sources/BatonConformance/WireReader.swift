import BatonWire

/// Reads AMQP 0-9-1's primitive values off a payload. Nothing is read beyond its end.
struct WireReader {
    /// The payload ends before the value does.
    struct Truncated: Error {}

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func take(_ count: Int) throws(Truncated) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw Truncated() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func unsigned(_ size: Int) throws(Truncated) -> UInt64 {
        try take(size).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func octet() throws(Truncated) -> UInt8 { UInt8(truncatingIfNeeded: try unsigned(1)) }
    mutating func short() throws(Truncated) -> UInt16 { UInt16(truncatingIfNeeded: try unsigned(2)) }
    mutating func long() throws(Truncated) -> UInt32 { UInt32(truncatingIfNeeded: try unsigned(4)) }
    mutating func longLong() throws(Truncated) -> UInt64 { try unsigned(8) }

    mutating func shortString() throws(Truncated) -> String { String(decoding: try take(Int(try octet())), as: UTF8.self) }

    mutating func longString() throws(Truncated) -> String { String(decoding: try take(Int(try long())), as: UTF8.self) }

    /// A field table. Values that Baton has no use for are kept as a word for their kind.
    mutating func table() throws(Truncated) -> Headers {
        var reader = WireReader(Array(try take(Int(try long()))))
        var fields: [Headers.Field] = []
        while !reader.isAtEnd {
            let name = try reader.shortString()
            fields.append(Headers.Field(name: name, value: try reader.value()))
        }
        return Headers(fields)
    }

    private mutating func value() throws(Truncated) -> Headers.Value {
        switch try octet() {
        case UInt8(ascii: "t"): return .bool(try octet() != 0)
        case UInt8(ascii: "b"): return .integer(Int64(Int8(bitPattern: try octet())))
        case UInt8(ascii: "B"): return .integer(Int64(try octet()))
        case UInt8(ascii: "s"): return .integer(Int64(Int16(bitPattern: try short())))
        case UInt8(ascii: "u"): return .integer(Int64(try short()))
        case UInt8(ascii: "I"): return .integer(Int64(Int32(bitPattern: try long())))
        case UInt8(ascii: "i"): return .integer(Int64(try long()))
        case UInt8(ascii: "l"), UInt8(ascii: "L"): return .integer(Int64(bitPattern: try longLong()))
        case UInt8(ascii: "T"): return .integer(Int64(bitPattern: try longLong()))
        case UInt8(ascii: "S"): return .string(try longString())
        case UInt8(ascii: "x"): return .other(try longString())
        case UInt8(ascii: "f"): return .other("\(Float(bitPattern: try long()))")
        case UInt8(ascii: "d"): return .other("\(Double(bitPattern: try longLong()))")
        case UInt8(ascii: "D"):
            _ = try take(5)
            return .other("decimal")
        case UInt8(ascii: "F"), UInt8(ascii: "A"):
            _ = try take(Int(try long()))
            return .other("nested")
        case UInt8(ascii: "V"): return .other("")
        default: throw Truncated()
        }
    }
}
