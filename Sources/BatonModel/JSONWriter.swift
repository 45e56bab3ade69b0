/// Builds a JSON text from parts, some of which are JSON texts already and are copied as they are.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() {}

    public init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    public var json: JSON { JSON(trusted: bytes) }

    public mutating func object<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open(UInt8(ascii: "{"))
        try body(&self)
        close(UInt8(ascii: "}"))
    }

    public mutating func array<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open(UInt8(ascii: "["))
        try body(&self)
        close(UInt8(ascii: "]"))
    }

    public mutating func name(_ name: String) {
        separate()
        appendString(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func field(_ name: String, _ value: JSON?) {
        guard let value else { return }
        self.name(name)
        write(value)
    }

    public mutating func field(_ name: String, _ value: String?) {
        guard let value else { return }
        self.name(name)
        write(value)
    }

    public mutating func field(_ name: String, _ value: Int?) {
        guard let value else { return }
        self.name(name)
        write(value)
    }

    public mutating func write(_ value: JSON) {
        separate()
        bytes.append(contentsOf: value.bytes)
        needsComma = true
    }

    public mutating func write(_ value: String) {
        separate()
        appendString(value)
        needsComma = true
    }

    public mutating func write(_ value: Int) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: literal("null")
        case .bool(let value): literal(value ? "true" : "false")
        case .integer(let value): literal(String(value))
        case .number(let value): literal(value.isFinite ? Self.text(of: value) : "null")
        case .string(let value): write(value)
        case .array(let items): array { for item in items { $0.write(item) } }
        case .object(let fields):
            object {
                for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                    $0.name(name)
                    $0.write(value)
                }
            }
        }
    }

    private static func text(of value: Double) -> String {
        let text = "\(value)"
        // Without its fraction it would be read as the integer 0.
        if value == 0, value.sign == .minus { return text }
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hex[Int(byte >> 4)])
                bytes.append(Self.hex[Int(byte & 15)])
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let hex = Array("0123456789abcdef".utf8)
}
