extension Evaluator {
    mutating func applyToObjects(_ function: Function, _ arguments: [Value]) throws(JMESPathError) -> Value {
        var merged = Value.Object()
        for (position, argument) in arguments.enumerated() {
            guard case .object(let fields) = argument else { return .null }
            try spend(fields.count)
            switch function {
            case .keys: return .array(fields.names.map(Value.string))
            case .values: return .array(fields.values)
            default:
                guard position > 0 else {
                    merged = fields
                    continue
                }
                for field in fields {
                    try spend(Work.text(field.name))
                    merged.set(field.name, to: field.value)
                }
            }
        }
        return .object(merged)
    }
}
