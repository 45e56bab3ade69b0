extension Parser {
    /// Whether what follows `[` is an index, a slice or `*]`, rather than a list of expressions.
    var startsSpecifier: Bool {
        switch token.kind {
        case .number, .colon: true
        case .star: peek(1) == .closeBracket
        default: false
        }
    }

    var notSpecifier: JMESPathError {
        error("after '[' stands an index, a slice or '*'; several fields need a dot: '.[a, b]'")
    }

    /// `left[0]`, `left[1:2]` or `left[*]`, from behind the bracket on.
    mutating func specified(_ left: Node.ID) throws(JMESPathError) -> Node.ID {
        switch token.kind {
        case .star:
            advance()
            advance()
            return try chain(left, try add(.projection(try projected(.star))))
        case .number(let place) where peek(1) != .colon:
            advance()
            try expect(.closeBracket, "after the index")
            return try chain(left, try add(.index(place)))
        default:
            let bounds = try slice()
            let sliced = try chain(left, try add(.slice(bounds)))
            return try chain(sliced, try add(.projection(try projected(.star))))
        }
    }

    private mutating func slice() throws(JMESPathError) -> Bounds {
        let offset = token.offset
        var parts: [Int?] = [nil]
        while token.kind != .closeBracket {
            let part = advance()
            switch part.kind {
            case .colon where parts.count < 3: parts.append(nil)
            case .colon: throw error("a slice has three parts at most: [start:stop:step]", at: part.offset)
            case .number(let number) where parts[parts.count - 1] == nil: parts[parts.count - 1] = number
            case .end: throw error("the slice isn't closed; expected ']'", at: offset)
            default: throw error("a slice has numbers and colons only: [start:stop:step]", at: part.offset)
            }
        }
        advance()
        let step = parts.count > 2 ? parts[2] ?? 1 : 1
        guard step != 0 else { throw error("a slice's step can't be 0; -1 goes backwards", .invalidValue, at: offset) }
        return Bounds(start: parts[0], stop: parts[1], step: step)
    }

    /// `left[]`, from behind the brackets on.
    mutating func flattened(_ left: Node.ID) throws(JMESPathError) -> Node.ID {
        let flat = try chain(left, try add(.flatten))
        return try chain(flat, try add(.projection(try projected(.flatten))))
    }

    /// `left[?condition]`, from behind `[?` on.
    mutating func filtered(_ left: Node.ID) throws(JMESPathError) -> Node.ID {
        let condition = try expression()
        try expect(.closeBracket, "to close the filter")
        return try chain(left, try add(.filter(condition: condition, try projected(.filter))))
    }

    /// What a projection applies to each of its items: all that follows and binds more than `power`.
    mutating func projected(_ power: Power) throws(JMESPathError) -> Node.ID {
        switch token.kind {
        case .dot:
            advance()
            return try dotted(power)
        case .filter: return try expression(power)
        case .openBracket:
            advance()
            guard startsSpecifier else { throw notSpecifier }
            index -= 1
            return try expression(power)
        default: return try add(.current)
        }
    }

    /// What stands behind a dot, and all that follows and binds more than `power`.
    mutating func dotted(_ power: Power) throws(JMESPathError) -> Node.ID {
        switch token.kind {
        case .identifier, .quotedIdentifier, .star: return try expression(power)
        case .openBracket:
            advance()
            return try continuing(try multiselectList(), power)
        case .openBrace:
            advance()
            return try continuing(try multiselectHash(), power)
        default: throw unexpected("a name, '*', '[' or '{' after the dot")
        }
    }

    /// `[a, b]`, from behind the bracket on.
    mutating func multiselectList() throws(JMESPathError) -> Node.ID {
        var parts = [try expression()]
        while token.kind == .comma {
            advance()
            parts.append(try expression())
        }
        try expect(.closeBracket, "to close the list")
        return try add(.list(parts))
    }

    /// `{a: b}`, from behind the brace on.
    mutating func multiselectHash() throws(JMESPathError) -> Node.ID {
        var members: [Node.Member] = []
        repeat {
            if !members.isEmpty { advance() }
            switch token.kind {
            case .identifier(let name), .quotedIdentifier(let name):
                advance()
                try expect(.colon, "after the field's name")
                members.append(Node.Member(name: name, value: try expression()))
            default: throw unexpected("a field's name, as in '{name: expression}'")
            }
        } while token.kind == .comma
        try expect(.closeBrace, "to close the object")
        return try add(.hash(members))
    }
}
