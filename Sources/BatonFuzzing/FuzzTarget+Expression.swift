import JMESPath
import JSONSchema

extension FuzzTarget {
    /// The expression, an empty line, and a JSON text to evaluate it on.
    static let expression = FuzzTarget("expression", "JMESPath: compiled, and evaluated on any JSON", tokens: Tokens.jmesPath, longest: 2048) { bytes in
        let (text, json) = halves(of: bytes)
        let expression: Expression
        do throws(JMESPathError) {
            expression = try Expression(String(decoding: text, as: UTF8.self), limits: bounds)
        } catch {
            try expect(!error.message.isEmpty, "refused without a reason")
            try expect(error.offset.map { $0 >= 0 && $0 <= error.text.utf8.count } ?? (error.code == .tooComplex), "the place \(error.offset ?? -1) is not in the text")
            _ = error.description
            return
        }
        guard let value = try? Value(json: json) else { return }
        var left = bounds.steps
        let outcome = Self.outcome { () throws(JMESPathError) in try expression.evaluate(value, steps: &left) }
        try expect((0...bounds.steps).contains(left), "\(left) steps are left")
        try expectEqual(Self.outcome { () throws(JMESPathError) in try expression.evaluate(value) }, outcome, "a second evaluation gives something else")
        if case .success(let result) = outcome {
            _ = try succeeds("a result is not JSON") { try Value(json: result.json) }
        }
        guard let names = expression.references, case .object(let fields) = value else { return }
        let needed = Value.object(Value.Object(fields.filter { names.contains($0.name) }.map { ($0.name, $0.value) }))
        let less = Self.outcome { () throws(JMESPathError) in try expression.evaluate(needed) }
        // A smaller value may need fewer steps.
        if case .failure(let error) = outcome, error.code == .tooComplex { return }
        try expectEqual(less, outcome, "fields that it doesn't refer to make a difference")
    }

    private static let bounds = Expression.Limits(length: 1024, steps: 20_000)

    private static func outcome(_ body: () throws(JMESPathError) -> Value) -> Result<Value, JMESPathError> { Result(catching: body) }

    /// The schema, an empty line, and the instance.
    static let schema = FuzzTarget("schema", "JSON Schemas: compiled, and held against any JSON", tokens: Tokens.schema) { bytes in
        let (text, instance) = halves(of: bytes)
        do {
            let schema = try Schema(text)
            let violations = try schema.validate(instance)
            try expect(violations.count <= Schema.maximumViolations, "\(violations.count) violations")
            for violation in violations {
                try expect(!violation.message.isEmpty && violation.path.utf8.count <= 520, "a violation that can't be shown: \(violation)")
            }
            try expectEqual(try schema.validate(instance), violations, "a second validation gives something else")
        } catch let error as SchemaError {
            try expect(!error.message.isEmpty && error.code != .outOfMemory, "refused without a reason: \(error)")
        }
    }
}
