/// Where a step stands: its list, and its place in it.
struct StepReference: Sendable, Hashable {
    let draft: GraphDraft
    let index: Int

    func change(_ body: (inout StepDraft) -> Void) { draft.change(index, body) }

    static func == (left: StepReference, right: StepReference) -> Bool {
        left.draft === right.draft && left.index == right.index
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(draft))
        hasher.combine(index)
    }
}
