import BatonModel
import BatonWorker
import Synchronization

/// The handlers of all workers of a cluster, with the calls they got.
final class HandlerTable: Sendable {
    private struct State {
        var handlers: [@Sendable (Worker) -> Void] = []
        var workers: [Worker] = []
        var counts: [HandlerName: Int] = [:]
    }

    private let state = Mutex(State())
    let calls = Journal<HandlerCall>()

    /// Offers it on the workers there are and will be.
    func add(_ handler: @escaping @Sendable (Worker) -> Void) {
        let workers = state.withLock { state in
            state.handlers.append(handler)
            return state.workers
        }
        for worker in workers { handler(worker) }
    }

    func equip(_ worker: Worker) {
        let handlers = state.withLock { state in
            state.workers.append(worker)
            return state.handlers
        }
        for handler in handlers { handler(worker) }
    }

    /// Lets go of the workers and of what they run, which hold this in turn. The calls stay.
    func clear() {
        let (handlers, workers) = state.withLock { state in
            defer { (state.handlers, state.workers) = ([], []) }
            return (state.handlers, state.workers)
        }
        // Freed outside of the lock: whatever the handlers hold may end with them.
        withExtendedLifetime((handlers, workers)) {}
    }

    /// - Returns: the call's number among those of its handler, from 1.
    func count(_ name: HandlerName, _ context: TaskContext) -> (number: Int, call: HandlerCall) {
        let call = HandlerCall(
            handler: name, run: context.runID, task: context.taskID, attempt: context.attempt, inputs: context.inputs,
            params: context.params)
        let number = state.withLock { state in
            state.counts[name, default: 0] += 1
            return state.counts[name, default: 0]
        }
        calls.append(call)
        return (number, call)
    }
}
