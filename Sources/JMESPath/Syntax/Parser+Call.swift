extension Parser {
    /// `name(arguments)`, from the parenthesis on.
    mutating func call(_ name: String, at offset: Int) throws(JMESPathError) -> Node.ID {
        advance()
        var arguments: [Node.ID] = []
        /// Where each argument starts, and whether it is written with `&`.
        var shapes: [(offset: Int, isExpression: Bool)] = []
        if token.kind == .closeParenthesis {
            advance()
        } else {
            while true {
                let isExpression = token.kind == .ampersand
                shapes.append((token.offset, isExpression))
                if isExpression { advance() }
                arguments.append(try expression())
                guard token.kind == .comma else { break }
                advance()
            }
            try expect(.closeParenthesis, "to close the arguments of \(name)")
        }
        guard let function = Function(rawValue: name) else {
            let known = Function.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("there is no function \(name); there are \(known)", .unknownFunction, at: offset)
        }
        let signature = function.signature
        guard signature.accepts(arguments.count) else {
            throw error("\(name) takes \(signature.arity), but is given \(arguments.count)", .invalidArity, at: offset)
        }
        for (position, shape) in shapes.enumerated() where (signature[position] == .expression) != shape.isExpression {
            let remedy =
                shape.isExpression
                ? "takes a value as argument \(position + 1); leave out the '&'"
                : "takes an expression as argument \(position + 1); write '&' before it"
            throw error("\(name) \(remedy)", .invalidType, at: shape.offset)
        }
        return try add(.call(Node.Call(function: function, arguments: arguments, offset: offset)))
    }
}
