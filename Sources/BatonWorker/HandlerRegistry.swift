import BatonModel
import BatonWire
import Synchronization

/// The handlers of a worker, by name. A later one of the same name replaces an earlier one.
final class HandlerRegistry: Sendable {
    private let handlers = Mutex<[HandlerName: RegisteredHandler]>([:])

    func add(_ handler: RegisteredHandler) { handlers.withLock { $0[handler.name] = handler } }

    subscript(name: HandlerName) -> RegisteredHandler? { handlers.withLock { $0[name] } }

    var names: [HandlerName] { handlers.withLock { $0.keys.sorted() } }

    var announced: [WorkerAnnouncement.Handler] {
        handlers.withLock { handlers in
            handlers.values.map { WorkerAnnouncement.Handler(name: $0.name, hooks: $0.hooks.map(\.rawValue)) }
                .sorted { $0.name < $1.name }
        }
    }
}
