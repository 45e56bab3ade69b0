extension JSON {
    /// The same over several lines, for people. Every value is copied as it is.
    package var laidOut: String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 2)
        var depth = 0
        var isInString = false
        var isEscaped = false
        func newLine() {
            text.append(UInt8(ascii: "\n"))
            for _ in 0..<depth { text += [0x20, 0x20] }
        }
        for (index, byte) in bytes.enumerated() {
            if isInString {
                text.append(byte)
                if isEscaped { isEscaped = false } else if byte == UInt8(ascii: "\\") { isEscaped = true } else if byte == UInt8(ascii: "\"") { isInString = false }
                continue
            }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                text.append(byte)
                let next = index + 1 < bytes.count ? bytes[index + 1] : 0
                guard next != UInt8(ascii: "}"), next != UInt8(ascii: "]") else { continue }
                depth += 1
                newLine()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                let previous = index > 0 ? bytes[index - 1] : 0
                if previous != UInt8(ascii: "{"), previous != UInt8(ascii: "[") {
                    depth -= 1
                    newLine()
                }
                text.append(byte)
            case UInt8(ascii: ","):
                text.append(byte)
                newLine()
            case UInt8(ascii: ":"): text += [byte, 0x20]
            default:
                isInString = byte == UInt8(ascii: "\"")
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
