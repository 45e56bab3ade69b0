/// A word of an expression, and where it is in the text, in UTF-8 bytes.
struct Token {
    enum Kind: Equatable {
        case identifier(String)
        case quotedIdentifier(String)
        /// A literal in backticks or a raw string.
        case literal(Value)
        /// An index. Numbers beyond `Int` are cut to its bounds, which is beyond every array all the same.
        case number(Int)
        case dot, star, comma, colon, current, ampersand, bang, pipe, or, and
        case openParenthesis, closeParenthesis, openBrace, closeBrace, openBracket, closeBracket
        /// `[]`
        case flatten
        /// `[?`
        case filter
        case comparator(Comparator)
        case end
    }

    let kind: Kind
    let offset: Int
}

extension Token.Kind {
    /// How it is called in a message.
    var label: String {
        switch self {
        case .identifier(let name): "'\(name)'"
        case .quotedIdentifier(let name): "\"\(name)\""
        case .literal: "a literal"
        case .number(let number): "the number \(number)"
        case .dot: "'.'"
        case .star: "'*'"
        case .comma: "','"
        case .colon: "':'"
        case .current: "'@'"
        case .ampersand: "'&'"
        case .bang: "'!'"
        case .pipe: "'|'"
        case .or: "'||'"
        case .and: "'&&'"
        case .openParenthesis: "'('"
        case .closeParenthesis: "')'"
        case .openBrace: "'{'"
        case .closeBrace: "'}'"
        case .openBracket: "'['"
        case .closeBracket: "']'"
        case .flatten: "'[]'"
        case .filter: "'[?'"
        case .comparator(let comparator): "'\(comparator.rawValue)'"
        case .end: "the end of the expression"
        }
    }
}
