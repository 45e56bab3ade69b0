/// The name that a property has in JSON, unless its type's coding keys say another one.
enum FieldName {
    /// - Returns: `nil` where the path is no single stored property, or the program was built without the names of properties.
    static func of<Root, Value>(_ property: KeyPath<Root, Value>) -> String? {
        let text = property.debugDescription
        for root in [String(describing: Root.self), String(reflecting: Root.self)] where text.hasPrefix("\\\(root).") {
            let name = String(text.dropFirst(root.count + 2))
            if StepExpression.isIdentifier(name) { return name }
        }
        return nil
    }

    static func problem<Root, Value>(_ property: KeyPath<Root, Value>) -> String {
        "\(property.debugDescription) can't be told by its name in JSON: give a stored property of the type itself, or the name too"
    }
}
