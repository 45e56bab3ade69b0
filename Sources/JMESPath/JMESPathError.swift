/// What is wrong with an expression, or with the values it met.
///
/// `message` says what is wrong and what to do about it. Errors of the text carry the place, and ``excerpt`` shows it.
public struct JMESPathError: Error, Hashable, Sendable {
    /// The specification's kinds of error, and one for exceeded limits.
    public enum Code: String, Sendable {
        /// The text isn't an expression. Found when compiling.
        case syntax
        /// A function was given an argument of a type it doesn't take. Found when evaluating, except for `&` arguments.
        case invalidType = "invalid-type"
        /// A value outside of what is allowed: a slice's step of 0, or a number too large to be represented.
        case invalidValue = "invalid-value"
        /// A function was given too few or too many arguments. Found when compiling.
        case invalidArity = "invalid-arity"
        /// There is no function of this name. Found when compiling.
        case unknownFunction = "unknown-function"
        /// A limit of ``Expression/Limits`` would be exceeded.
        case tooComplex = "too-complex"
    }

    public let code: Code
    public let message: String

    /// The expression's text.
    public let text: String

    /// Where in ``text`` the error is, in UTF-8 bytes; `nil` for errors without a place.
    public let offset: Int?

    init(_ code: Code, _ message: String, in text: String = "", at offset: Int? = nil) {
        self.code = code
        self.message = message
        self.text = text
        self.offset = offset
    }

    /// The line with the error and, below it, a caret under the place; `nil` for errors without a place.
    ///
    /// Of a long line, the part around the place is shown.
    public var excerpt: String? {
        guard let offset else { return nil }
        let bytes = Array(text.utf8)
        let place = min(max(offset, 0), bytes.count)
        let isBreak = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
        let lineStart = bytes[..<place].lastIndex(where: isBreak).map { $0 + 1 } ?? 0
        let lineEnd = bytes[place...].firstIndex(where: isBreak) ?? bytes.count
        let before = String(decoding: bytes[lineStart..<place], as: UTF8.self).suffix(Self.shownCharacters)
        let after = String(decoding: bytes[place..<lineEnd], as: UTF8.self).prefix(Self.shownCharacters)
        let indent = before.map { $0 == "\t" ? "\t" : " " }.joined()
        return "\(before)\(after)\n\(indent)^"
    }

    /// How much of a line is shown on each side of the place.
    private static let shownCharacters = 40

    func located(in text: String, at offset: Int?) -> JMESPathError {
        JMESPathError(code, message, in: text, at: self.offset ?? offset)
    }
}

extension JMESPathError: CustomStringConvertible {
    public var description: String {
        let head = "\(code.rawValue): \(message)"
        return excerpt.map { "\(head)\n\($0)" } ?? head
    }
}
