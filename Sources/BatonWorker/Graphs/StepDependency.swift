import BatonModel

/// That one step waits for another, and what of its result it gets to see.
struct StepDependency: Sendable {
    struct Use: Sendable, Hashable {
        /// The input that it becomes; `nil` for all of them.
        var field: String?
        var selection: StepSelection?
    }

    let step: StepReference
    /// `nil` while nobody has said one.
    var condition: Dependency.Condition?
    /// None: only the order matters.
    var uses: [Use] = []

    init(_ step: StepReference) { self.step = step }

    var isOneField: Bool { uses.count == 1 && uses[0].field != nil }

    /// Where every dependency gives one field, they are passed on under these names, byte by byte. Else they are merged: what
    /// only orders gives null, which merges as nothing; a field gives an object with that field.
    func dependency(_ id: TaskID, isNamed: Bool, _ report: (String, String) -> Void) -> Dependency {
        var dependency = Dependency(id, on: condition ?? .completed)
        let selection = uses.first?.selection
        dependency.requiresPart = selection?.isRequired ?? false
        if isNamed {
            let name = uses[0].field
            dependency.alias = name == id.rawValue ? nil : name
            dependency.select = selection?.expression
            return dependency
        }
        let members = uses.compactMap { use in
            use.field.map { "\(StepExpression.identifier($0)): \(use.selection?.expression ?? "@")" }
        }
        let hash = "{\(members.joined(separator: ", "))}"
        switch (uses.count, members.count) {
        case (0, _): dependency.select = "`null`"
        case (1, 0): dependency.select = selection?.expression
        case (1, _):
            let field = uses[0].field ?? ""
            dependency.select = (selection.map { "\($0.expression) | " } ?? "") + "{\(StepExpression.identifier(field)): @}"
        default:
            let wholes = uses.filter { $0.field == nil }.map { $0.selection?.expression ?? "@" }
            dependency.select = wholes.isEmpty ? hash : "merge(\((wholes + [hash]).joined(separator: ", ")))"
            dependency.requiresPart = false
            if uses.contains(where: { $0.selection?.isRequired == true }) {
                report("dependencies", "one of several parts of '\(id)' can't be required: require none of them, or take only one")
            }
        }
        return dependency
    }
}
