extension Tree {
    /// The fields of the input that a part reads, or `nil` when it may read more than fields.
    func references(of id: Node.ID) -> Set<String>? {
        switch self[id] {
        case .literal: []
        case .field(let name): [name]
        case .chain(let parts): parts.first.flatMap(references)
        case .not(let part): references(of: part)
        case .all(let parts), .any(let parts), .list(let parts): references(ofAll: parts)
        case .hash(let members): references(ofAll: members.map(\.value))
        case .comparison(_, let left, let right): references(ofAll: [left, right])
        case .call(let call):
            // An argument with `&` applies to items of another argument, not to the input.
            references(
                ofAll: call.arguments.enumerated()
                    .filter { call.function.signature[$0.offset] != .expression }
                    .map(\.element))
        case .current, .index, .slice, .flatten, .projection, .valueProjection, .filter: nil
        }
    }

    private func references(ofAll parts: [Node.ID]) -> Set<String>? {
        var names: Set<String> = []
        for part in parts {
            guard let more = references(of: part) else { return nil }
            names.formUnion(more)
        }
        return names
    }
}
