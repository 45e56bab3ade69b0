import BatonModel
import BatonWire
import Synchronization

/// What an attempt has dispatched so far: nothing of it leaves the worker before the completion it rides on. Bounded, so
/// that neither the report nor the coordinator's transaction grows without limit.
final class DispatchList: Sendable {
    private struct State {
        var documents: [JSON] = []
        var ids: Set<TaskID> = []
        /// Of the list as it will be written.
        var bytes = 2
        var isRescheduled = false
        var isClosed = false
    }

    private let state = Mutex(State())

    /// - Throws: `TaskError` of type `invalidDispatch` or `tooLarge`; nothing has been added then.
    func add(_ task: DispatchedTask) throws(TaskError) {
        let document = try task.document()
        try state.withLock { state throws(TaskError) in
            guard !state.isClosed else {
                throw DispatchedTask.invalid("the attempt has ended: dispatch before its handler returns")
            }
            if let id = task.id, state.ids.contains(id) {
                throw DispatchedTask.invalid("id '\(id)' was dispatched by this attempt already: choose another, or leave it out")
            }
            if task.round != nil, state.isRescheduled {
                throw DispatchedTask.invalid("this attempt has rescheduled its task already: a round has one successor")
            }
            guard state.documents.count < Report.maximumDispatchedTasks else {
                throw Self.tooLarge(
                    "an attempt can dispatch at most \(Report.maximumDispatchedTasks) tasks: let one of them dispatch the rest")
            }
            let bytes = state.bytes + document.bytes.count + (state.documents.isEmpty ? 0 : 1)
            guard bytes <= Report.maximumDispatchBytes else {
                throw Self.tooLarge(
                    "what the attempt dispatches would have \(bytes) bytes; the limit is \(Report.maximumDispatchBytes): "
                        + "pass references instead of data, or dispatch fewer tasks")
            }
            state.documents.append(document)
            state.bytes = bytes
            if let id = task.id { state.ids.insert(id) }
            if task.round != nil { state.isRescheduled = true }
        }
    }

    /// The attempt has ended: nothing is taken any more.
    func close() -> [JSON] {
        state.withLock { state in
            state.isClosed = true
            return state.documents
        }
    }

    private static func tooLarge(_ message: String) -> TaskError {
        TaskError(type: TaskError.Kind.tooLarge, message: "dispatch: \(message)", retryable: false)
    }
}
