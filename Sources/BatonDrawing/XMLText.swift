/// Writes XML in which nothing that comes from outside can be anything but text.
struct XMLText {
    private(set) var text = ""

    /// - Parameter attributes: their values are escaped; names and the element's are the program's own.
    mutating func element(_ name: String, _ attributes: [(String, String)] = [], _ body: (inout XMLText) -> Void) {
        open(name, attributes)
        text += ">"
        body(&self)
        text += "</\(name)>\n"
    }

    mutating func element(_ name: String, _ attributes: [(String, String)] = []) {
        open(name, attributes)
        text += "/>\n"
    }

    mutating func element(_ name: String, _ attributes: [(String, String)] = [], text content: String) {
        element(name, attributes) { $0.write(content) }
    }

    mutating func write(_ content: String) { text += Self.escape(content) }

    /// What the program itself says, such as a style sheet.
    mutating func write(raw content: StaticString) { text += content.description }

    private mutating func open(_ name: String, _ attributes: [(String, String)]) {
        text += "<\(name)"
        for (name, value) in attributes { text += " \(name)=\"\(Self.escape(value))\"" }
    }

    /// Characters that XML 1.0 has no way to write become the replacement character.
    static func escape(_ content: String) -> String {
        var text = ""
        text.reserveCapacity(content.utf8.count)
        for scalar in content.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\t", "\n", "\r": text += " "
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}", "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A number as short as drawing needs it.
    static func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard tenths.isFinite, abs(tenths) < 1e12 else { return "0" }
        let whole = Int64(tenths)
        if whole % 10 == 0 { return String(whole / 10) }
        return "\(whole < 0 ? "-" : "")\(abs(whole) / 10).\(abs(whole) % 10)"
    }
}
