import BatonModel

/// Inputs one by one, from values and from results of other steps.
///
/// By property, the compiler checks that the value fits; the name in JSON is the property's, unless `named` says what the type's
/// coding keys make of it. By name alone, nothing is checked.
extension Step {
    /// An input with a value that is known now.
    @discardableResult
    public func with<Value: Encodable>(_ property: KeyPath<Input, Value>, _ value: Value, named name: String? = nil) -> Self {
        let value = EncodedValue(value)
        return set { draft in draft.inputName(property, name).map { draft.give($0, value) } }
    }

    /// An input that is another step's result, for which this one waits.
    @discardableResult
    public func with<Value>(_ property: KeyPath<Input, Value>, _ result: StepResult<Value>, named name: String? = nil) -> Self {
        set { draft in draft.inputName(property, name).map { draft.take($0, result.erased, isOptional: false) } }
    }

    /// An input that may be null, from a step whose result is always there.
    @discardableResult
    public func with<Value>(_ property: KeyPath<Input, Value?>, _ result: StepResult<Value>, named name: String? = nil) -> Self {
        set { draft in draft.inputName(property, name).map { draft.take($0, result.erased, isOptional: false) } }
    }

    /// An input that is another step's result if there is one: this step runs however that one ends.
    @discardableResult
    public func with<Value>(_ property: KeyPath<Input, Value?>, optional result: StepResult<Value>, named name: String? = nil) -> Self {
        set { draft in draft.inputName(property, name).map { draft.take($0, result.erased, isOptional: true) } }
    }

    /// An input with a value that is known now.
    @discardableResult
    public func with(_ name: String, _ value: some Encodable) -> Self {
        let value = EncodedValue(value)
        return set { $0.give(name, value) }
    }

    /// An input that is another step's result, for which this one waits.
    @discardableResult
    public func with<Value>(_ name: String, _ result: StepResult<Value>) -> Self {
        set { $0.take(name, result.erased, isOptional: false) }
    }

    /// An input that is another step's result if there is one: this step runs however that one ends.
    @discardableResult
    public func with<Value>(_ name: String, optional result: StepResult<Value>) -> Self {
        set { $0.take(name, result.erased, isOptional: true) }
    }
}

extension StepDraft {
    mutating func inputName<Root, Value>(_ property: KeyPath<Root, Value>, _ given: String?) -> String? {
        if let name = given ?? FieldName.of(property) { return name }
        report("inputs", FieldName.problem(property))
        return nil
    }

    fileprivate mutating func give(_ name: String, _ value: EncodedValue) {
        fields.append((name, take(value, for: "inputs.\(name)") ?? .null))
    }

    fileprivate mutating func take<Value>(_ name: String, _ result: StepResult<Value>, isOptional: Bool) {
        let use = StepDependency.Use(field: name, selection: result.selection)
        depend(on: result.step, isOptional ? .finished : .completed, use)
    }
}
