import JMESPath
import Testing

/// An expression, what it is evaluated on, and what it gives, both as JSON.
struct Case: Sendable, CustomTestStringConvertible {
    let expression: String
    let input: String
    let expected: String

    init(_ expression: String, on input: String = "{}", gives expected: String) {
        self.expression = expression
        self.input = input
        self.expected = expected
    }

    var testDescription: String { "\(expression) on \(input)" }

    /// Compares the JSON, so that the order of fields and the kinds of numbers count.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try search(expression, input).description == Value(json: expected).description, sourceLocation: sourceLocation)
    }
}

func search(_ expression: String, _ input: String = "{}") throws -> Value {
    try Expression(expression).evaluate(Value(json: input))
}

/// The error that compiling or evaluating gives.
func failure(_ expression: String, _ input: String = "{}") -> JMESPathError? {
    do {
        _ = try search(expression, input)
        return nil
    } catch {
        return error as? JMESPathError
    }
}
