import BatonBroker
import Synchronization

/// Whether the coordinator has the broker.
final class LinkStates: Sendable {
    private struct State {
        var publishing = LinkState.connecting(lastError: nil)
        var consuming = LinkState.connecting(lastError: nil)
        var isServing = false
        var hasRival = false
        /// Queues that the broker has and can't serve.
        var unserved: Set<String> = []
        var isOver = false
        /// Something of what workers said may not have come, or come late, since this was last asked for.
        var wasDeaf = false
        /// Whether that was asked for with links that work before.
        var hasHeard = false
        var waiting: [CheckedContinuation<Void, Never>] = []

        /// Workers can't say anything either while the broker takes no messages, which only those who publish are told.
        var isDeaf: Bool {
            if case .blocked = publishing { return true }
            return consuming != .connected
        }

        var linkProblem: String? {
            for link in [publishing, consuming] {
                switch link {
                case .connected: continue
                case .connecting(let error): return error.map { "not connected: \($0)" } ?? "connecting"
                case .blocked(let reason): return "the broker takes no messages: \(reason)"
                case .closed: return "closed"
                }
            }
            return nil
        }
    }

    private let state = Mutex(State())

    func set(publishing: LinkState) { set { $0.publishing = publishing } }
    func set(consuming: LinkState) { set { $0.consuming = consuming } }

    private func set(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            if state.isDeaf, state.hasHeard { state.wasDeaf = true }
        }
    }

    /// Whether what workers say can't come at present, whether it could not at times since this was last asked for with links that
    /// work, and whether this is the first time.
    func takeSilence() -> (isDeaf: Bool, wasDeaf: Bool, isFirst: Bool) {
        state.withLock { state in
            if state.isDeaf { return (true, false, false) }
            defer { (state.wasDeaf, state.hasHeard) = (false, true) }
            return (false, state.wasDeaf, !state.hasHeard)
        }
    }

    /// Returns once messages are taken, or nothing more will come of it.
    func whenServing() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isServing, !state.isOver { state.waiting.append(continuation) }
                return state.isServing || state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// The coordinator stops.
    func end() { release { $0.isOver = true } }

    private func release(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func serving() { release { ($0.isServing, $0.hasRival) = (true, false) } }

    func serves(_ queue: String) { state.withLock { _ = $0.unserved.remove(queue) } }
    func doesNotServe(_ queue: String) { state.withLock { _ = $0.unserved.insert(queue) } }

    /// Another coordinator works where this one wants to.
    func rival() { state.withLock { $0.hasRival = true } }

    /// `nil` where there is a connection that messages go through.
    var linkProblem: String? { state.withLock { $0.linkProblem } }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// `nil` where all is well.
    var problem: String? {
        state.withLock { state in
            if let problem = state.linkProblem { return problem }
            if state.hasRival { return "another coordinator works in this namespace" }
            if !state.unserved.isEmpty {
                return "the broker can't serve \(state.unserved.sorted().joined(separator: ", ")): see the coordinator's log"
            }
            return state.isServing ? nil : "declaring queues"
        }
    }
}
