extension Schedule {
    /// Whose the schedule and its runs are: the owner that its graph names.
    public var owner: String? { graph.owner }
}

/// Of the document of a graph.
extension JSON {
    package var owner: String? { fields?.last { $0.name == "owner" }?.value.value.string }

    /// The same document, with this owner alone.
    package func naming(owner: String) -> JSON {
        guard let fields else { return self }
        var writer = JSONWriter(reserving: bytes.count + owner.utf8.count + 16)
        writer.object { writer in
            writer.field("owner", owner)
            for (name, value) in fields where name != "owner" { writer.field(name, value) }
        }
        return writer.json
    }
}
