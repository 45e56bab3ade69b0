public import BatonModel

/// A part of a result.
struct StepSelection: Sendable, Hashable {
    var expression: String
    var isRequired: Bool
}

/// The result that a step will have, or a part of it: a value to hand to other steps while the graph is built.
public struct StepResult<Value>: Sendable {
    let step: StepReference
    var selection: StepSelection?

    /// The same result as another type. Nothing checks that it can be read as that one: for results of handlers in other languages,
    /// and for inputs that read only some of a result's fields.
    public func `as`<Other>(_ type: Other.Type) -> StepResult<Other> { StepResult<Other>(step: step, selection: selection) }

    /// A part of the result.
    ///
    /// - Parameters:
    ///   - expression: a JMESPath expression over the result. Nothing checks that what it gives can be read as the type.
    ///   - isRequired: whether a part that isn't there fails the step that wants it, instead of being null.
    public func select<Part>(_ expression: String, as type: Part.Type = JSON.self, isRequired: Bool = false) -> StepResult<Part> {
        let whole = selection.map { "(\($0.expression)) | (\(expression))" } ?? expression
        return StepResult<Part>(step: step, selection: StepSelection(expression: whole, isRequired: isRequired))
    }

    /// A field of the result, under the property's name.
    ///
    /// - Parameters:
    ///   - property: a stored property.
    ///   - name: the field's name in JSON, where coding keys give it another one than the property's.
    ///   - isRequired: whether a field that isn't there fails the step that wants it, instead of being null.
    public func select<Part>(_ property: KeyPath<Value, Part>, named name: String? = nil, isRequired: Bool = false) -> StepResult<Part> {
        guard let name = name ?? FieldName.of(property) else {
            step.change { $0.report("result", FieldName.problem(property)) }
            return self.as(Part.self)
        }
        return select(StepExpression.identifier(name), as: Part.self, isRequired: isRequired)
    }
}
