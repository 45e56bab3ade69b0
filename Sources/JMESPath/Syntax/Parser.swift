/// Builds the tree of an expression by operator precedence (V. Pratt, "Top Down Operator Precedence", 1973).
struct Parser {
    let text: String
    let tokens: [Token]
    var index = 0
    var tree = Tree()
    private var nesting = 0

    /// How many expressions may contain each other. Keeps parsing within a stack of 512 KiB, optimised.
    private static let maximumNesting = 128

    /// How strongly an operator binds what is before it.
    ///
    /// Everything up to `flatten` ends a projection. That a filter binds more than an index, and less than a dot, decides
    /// what `a[?b].c[?d]` means: the second filter applies to the list of all `c`, as in other implementations.
    enum Power: Int {
        case none, pipe, or, and, comparator, not, flatten, star, filter, dot, bracket
    }

    init(_ text: String) throws(JMESPathError) {
        self.text = text
        var lexer = Lexer(text)
        tokens = try lexer.tokens()
    }

    /// Parses the whole text and gives the root.
    mutating func parse() throws(JMESPathError) -> Node.ID {
        if case .end = token.kind { throw error("the expression is empty; '@' is the whole value") }
        let root = try expression()
        guard case .end = token.kind else { throw unexpected() }
        return root
    }

    mutating func expression(_ power: Power = .none) throws(JMESPathError) -> Node.ID {
        guard nesting < Self.maximumNesting else {
            throw error("nested too deeply: more than \(Self.maximumNesting) levels; split the expression")
        }
        nesting += 1
        defer { nesting -= 1 }
        return try continuing(try prefix(), power)
    }

    /// Goes on from `left` with all operators that bind more than `power`.
    mutating func continuing(_ left: Node.ID, _ power: Power) throws(JMESPathError) -> Node.ID {
        var left = left
        while self.power(of: token.kind).rawValue > power.rawValue { left = try infix(left) }
        return left
    }

    private func power(of kind: Token.Kind) -> Power {
        switch kind {
        case .pipe: .pipe
        case .or: .or
        case .and: .and
        case .comparator: .comparator
        case .flatten: .flatten
        case .filter: .filter
        case .dot: .dot
        case .openBracket: .bracket
        default: .none
        }
    }

    private mutating func prefix() throws(JMESPathError) -> Node.ID {
        let first = token
        advance()
        switch first.kind {
        case .literal(let value): return try add(.literal(value))
        case .current: return try add(.current)
        case .identifier(let name):
            guard case .openParenthesis = token.kind else { return try add(.field(name)) }
            return try call(name, at: first.offset)
        case .quotedIdentifier(let name):
            if case .openParenthesis = token.kind { throw error("a function's name is written without quotes", at: first.offset) }
            return try add(.field(name))
        case .star: return try add(.valueProjection(try projected(.star)))
        case .flatten: return try flattened(try add(.current))
        case .filter: return try filtered(try add(.current))
        case .openBracket:
            return startsSpecifier ? try specified(try add(.current)) : try multiselectList()
        case .openBrace: return try multiselectHash()
        case .openParenthesis:
            let inner = try expression()
            try expect(.closeParenthesis, "to close the parenthesis")
            return inner
        case .bang: return try add(.not(try expression(.not)))
        case .ampersand: throw error("'&' is only for arguments of functions such as sort_by", at: first.offset)
        default: throw error("expected a value, but found \(first.kind.label)", at: first.offset)
        }
    }

    private mutating func infix(_ left: Node.ID) throws(JMESPathError) -> Node.ID {
        let token = advance()
        switch token.kind {
        case .pipe: return try chain(left, try expression(.pipe))
        case .or, .and:
            let right = try expression(token.kind == .and ? .and : .or)
            let isAnd = token.kind == .and
            return try placed { tree throws(JMESPathError) in try tree.join(left, right, isAnd: isAnd) }
        case .comparator(let comparator): return try add(.comparison(comparator, left, try expression(.comparator)))
        case .dot:
            if case .star = self.token.kind {
                advance()
                return try chain(left, try add(.valueProjection(try projected(.star))))
            }
            return try chain(left, try dotted(.dot))
        case .flatten: return try flattened(left)
        case .filter: return try filtered(left)
        default:
            guard startsSpecifier else { throw notSpecifier }
            return try specified(left)
        }
    }

    // MARK: Tokens

    var token: Token { tokens[index] }

    func peek(_ distance: Int) -> Token.Kind { tokens[min(index + distance, tokens.count - 1)].kind }

    @discardableResult mutating func advance() -> Token {
        defer { if index < tokens.count - 1 { index += 1 } }
        return tokens[index]
    }

    mutating func expect(_ kind: Token.Kind, _ purpose: String) throws(JMESPathError) {
        guard token.kind == kind else { throw unexpected("\(kind.label) \(purpose)") }
        advance()
    }

    func unexpected(_ expected: String? = nil) -> JMESPathError {
        let found = token.kind.label
        return error(expected.map { "expected \($0), but found \(found)" } ?? "\(found) can't be here; expected an operator or the end")
    }

    func error(_ message: String, _ code: JMESPathError.Code = .syntax, at offset: Int? = nil) -> JMESPathError {
        JMESPathError(code, message, in: text, at: offset ?? token.offset)
    }

    // MARK: Nodes

    mutating func add(_ node: Node) throws(JMESPathError) -> Node.ID {
        try placed { tree throws(JMESPathError) in try tree.add(node) }
    }

    mutating func chain(_ left: Node.ID, _ right: Node.ID) throws(JMESPathError) -> Node.ID {
        try placed { tree throws(JMESPathError) in try tree.chain(left, right) }
    }

    private mutating func placed(_ body: (inout Tree) throws(JMESPathError) -> Node.ID) throws(JMESPathError) -> Node.ID {
        do throws(JMESPathError) {
            return try body(&tree)
        } catch {
            throw error.located(in: text, at: token.offset)
        }
    }
}
