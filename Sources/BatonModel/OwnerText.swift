/// An owner as one word, in which nothing has a meaning of its own: for routing keys, names of queues, and lines of a file.
public enum OwnerText {
    public static func encode(_ owner: String) -> String {
        // Alone, it stands for no owner.
        if owner == "-" { return "%2D" }
        var text: [UInt8] = []
        for byte in owner.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "+"):
                text.append(byte)
            default: text += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: `nil` where a `%` isn't followed by two digits, or the bytes aren't UTF-8.
    public static func decode(_ word: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 { Array("0123456789ABCDEF".utf8)[Int(value)] }

    private static func value(_ digit: UInt8) -> UInt8? {
        UnicodeScalar(digit).properties.isASCIIHexDigit ? Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init) : nil
    }
}
