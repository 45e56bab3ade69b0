/// Writes values as compact JSON, without recursion.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    /// A container that is being written: what comes next in it.
    private enum Open {
        case array(ArraySlice<Value>)
        case object(Slice<Value.Object>)
    }

    /// `charge` is told how much is about to be written.
    mutating func write<Failure: Error>(_ value: Value, charge: (Int) throws(Failure) -> Void) throws(Failure) {
        var open: [Open] = []
        try begin(value, &open, charge)
        while let last = open.popLast() {
            switch last {
            case .array(var rest):
                guard let item = rest.popFirst() else {
                    bytes.append(UInt8(ascii: "]"))
                    continue
                }
                if rest.startIndex > 1 { bytes.append(UInt8(ascii: ",")) }
                open.append(.array(rest))
                try begin(item, &open, charge)
            case .object(var rest):
                guard let field = rest.popFirst() else {
                    bytes.append(UInt8(ascii: "}"))
                    continue
                }
                if rest.startIndex > 1 { bytes.append(UInt8(ascii: ",")) }
                try charge(Work.text(field.name))
                write(field.name)
                bytes.append(UInt8(ascii: ":"))
                open.append(.object(rest))
                try begin(field.value, &open, charge)
            }
        }
    }

    private mutating func begin<Failure: Error>(
        _ value: Value, _ open: inout [Open], _ charge: (Int) throws(Failure) -> Void
    ) throws(Failure) {
        try charge(1)
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: value.description.utf8)
        case .number(let value): bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let text):
            try charge(Work.text(text))
            write(text)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            open.append(.array(items[...]))
        case .object(let fields):
            bytes.append(UInt8(ascii: "{"))
            open.append(.object(fields[...]))
        }
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes.append(contentsOf: "\\b".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0C: bytes.append(contentsOf: "\\f".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case ..<0x20: bytes.append(contentsOf: ((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
