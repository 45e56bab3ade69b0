import BatonModel
import Synchronization

/// The list of tasks that is being built: each step enters itself here as it is made, so that none is lost, whatever the closure
/// does with it.
///
/// Which list that is, is a task-local value: graphs built at the same time in different tasks don't see one another.
final class GraphDraft: Sendable {
    private struct State {
        var steps: [StepDraft] = []
        var handlers: [HandlerName] = []
        var isFinished = false
    }

    @TaskLocal private static var current: GraphDraft?

    private let state = Mutex(State())

    private init() {}

    /// The list of the steps that the body makes.
    static func collect(_ body: () throws -> Void) rethrows -> GraphDraft {
        let draft = GraphDraft()
        do {
            try $current.withValue(draft) { try body() }
        } catch {
            draft.finish()
            throw error
        }
        return draft
    }

    /// Enters a step in the list that is being built around this call.
    static func add(_ step: StepDraft) -> StepReference {
        guard let draft = current else {
            preconditionFailure(
                "The step '\(step.spec.handler)' was made outside of a graph: steps belong in the closure of Graph(_:), or of "
                    + "onCompleted, onFailed or onCancelled.")
        }
        let index = draft.state.withLock { state in
            precondition(
                !state.isFinished, "The step '\(step.spec.handler)' was made after its graph: make it in the graph's closure itself.")
            state.steps.append(step)
            state.handlers.append(step.spec.handler)
            return state.steps.count - 1
        }
        return StepReference(draft: draft, index: index)
    }

    func change(_ index: Int, _ body: (inout StepDraft) -> Void) {
        state.withLock { state in
            precondition(
                !state.isFinished,
                "The step '\(state.handlers[index])' was changed after its graph was made: set it up in the graph's closure.")
            body(&state.steps[index])
        }
    }

    /// The steps as they are now; from here on, changing them is an error. They are let go, since what they refer to one another by
    /// holds the list.
    @discardableResult
    func finish() -> [StepDraft] {
        state.withLock { state in
            state.isFinished = true
            defer { state.steps = [] }
            return state.steps
        }
    }
}
