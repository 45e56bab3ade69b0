import BatonModel

/// The handlers of the stock worker, whose names begin with `core.`.
public enum CoreHandlers {
    /// Offers all of them. `core.shell` runs commands only where the worker's configuration allows it.
    public static func register(on worker: Worker) {
        worker.register(NoOperation())
        worker.register(Echo())
        worker.register(Sleep())
        worker.register(Fail())
        worker.register(Truncate())
        worker.register(HTTPRequest())
        worker.register(CeleryTaskHandler(line: CeleryLine(worker.core)))
        worker.register(Shell(isAllowed: worker.configuration.allowShell))
    }
}

/// `core.noop`: does nothing.
struct NoOperation: TaskHandler {
    static let name: HandlerName = "core.noop"
    func run(_ input: JSON, _ context: TaskContext) async throws -> JSON { .null }
}

/// `core.echo`: returns its inputs.
struct Echo: TaskHandler {
    static let name: HandlerName = "core.echo"
    func run(_ input: JSON, _ context: TaskContext) async throws -> JSON { input }
}
