import BatonBroker
import Synchronization

/// Whether the coordinator has the broker.
final class LinkStates: Sendable {
    private struct State {
        var publishing = LinkState.connecting(lastError: nil)
        var consuming = LinkState.connecting(lastError: nil)
        var isServing = false
    }

    private let state = Mutex(State())

    func set(publishing: LinkState) { state.withLock { $0.publishing = publishing } }
    func set(consuming: LinkState) { state.withLock { $0.consuming = consuming } }
    func serving() { state.withLock { $0.isServing = true } }

    /// `nil` where all is well.
    var problem: String? {
        state.withLock { state in
            for link in [state.publishing, state.consuming] {
                switch link {
                case .connected: continue
                case .connecting(let error): return error.map { "not connected: \($0)" } ?? "connecting"
                case .blocked(let reason): return "the broker takes no messages: \(reason)"
                case .closed: return "closed"
                }
            }
            return state.isServing ? nil : "declaring queues"
        }
    }
}
