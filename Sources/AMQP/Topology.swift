/// A queue as `Connection.declare(_:recover:)` makes it.
public struct QueueDeclaration: Sendable, Equatable {
    /// Empty: a name is made up here, so that it stays the same over reconnects.
    public var name: String
    public var durable: Bool
    /// Only this connection may use the queue; it is deleted with the connection.
    public var exclusive: Bool
    public var autoDelete: Bool
    public var arguments: Headers

    public init(
        _ name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false, arguments: Headers = [:]
    ) {
        self.name = name
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.arguments = arguments
    }
}

/// An exchange as `Connection.declare(_:recover:)` makes it.
public struct ExchangeDeclaration: Sendable, Equatable {
    public var name: String
    /// `direct`, `topic`, `fanout`, `headers`, or the name a plugin gives.
    public var type: String
    public var durable: Bool
    public var autoDelete: Bool
    /// Messages come from other exchanges only.
    public var `internal`: Bool
    public var arguments: Headers

    public init(
        _ name: String, type: String, durable: Bool = true, autoDelete: Bool = false, internal: Bool = false,
        arguments: Headers = [:]
    ) {
        self.name = name
        self.type = type
        self.durable = durable
        self.autoDelete = autoDelete
        self.internal = `internal`
        self.arguments = arguments
    }
}

/// A route from an exchange to a queue or to another exchange.
public struct Binding: Sendable, Equatable {
    public enum Destination: Sendable, Equatable {
        case queue(String)
        case exchange(String)
    }

    public var source: String
    public var destination: Destination
    public var routingKey: String
    public var arguments: Headers

    public init(from source: String, to destination: Destination, routingKey: String = "", arguments: Headers = [:]) {
        self.source = source
        self.destination = destination
        self.routingKey = routingKey
        self.arguments = arguments
    }
}

/// What a passive declaration says of a queue.
public struct QueueStatus: Sendable, Equatable {
    public let name: String
    /// Messages ready for delivery, the unacknowledged ones left out.
    public let messages: Int
    public let consumers: Int
}

/// What is declared again on every new connection, in the order of declaration.
struct Topology {
    private(set) var exchanges: [ExchangeDeclaration] = []
    private(set) var queues: [QueueDeclaration] = []
    private(set) var bindings: [Binding] = []

    mutating func remember(_ exchange: ExchangeDeclaration) {
        if let index = exchanges.firstIndex(where: { $0.name == exchange.name }) { exchanges[index] = exchange } else { exchanges.append(exchange) }
    }

    mutating func remember(_ queue: QueueDeclaration) {
        if let index = queues.firstIndex(where: { $0.name == queue.name }) { queues[index] = queue } else { queues.append(queue) }
    }

    mutating func remember(_ binding: Binding) { if !bindings.contains(binding) { bindings.append(binding) } }

    mutating func forget(_ binding: Binding) { bindings.removeAll { $0 == binding } }

    mutating func forgetQueue(_ name: String) {
        queues.removeAll { $0.name == name }
        bindings.removeAll { $0.destination == .queue(name) }
    }

    mutating func forgetExchange(_ name: String) {
        exchanges.removeAll { $0.name == name }
        bindings.removeAll { $0.source == name || $0.destination == .exchange(name) }
    }

    /// Everything, in an order in which it can be declared.
    var requests: [Request] {
        exchanges.map { .declareExchange($0, passive: true) } + queues.map { .declareQueue($0, passive: true) }
            + bindings.map { .bind($0) }
    }

    /// What one queue needs: itself, and its bindings. Empty when it isn't remembered.
    func requests(forQueue name: String) -> [Request] {
        guard let queue = queues.first(where: { $0.name == name }) else { return [] }
        return [.declareQueue(queue, passive: true)]
            + bindings.filter { $0.destination == .queue(name) }.map { .bind($0) }
    }
}

/// An operation with one answer, on the administrative channel.
enum Request: Sendable {
    case declareExchange(ExchangeDeclaration, passive: Bool)
    case declareQueue(QueueDeclaration, passive: Bool)
    case bind(Binding)
    case unbind(Binding)
    case deleteQueue(String, ifUnused: Bool, ifEmpty: Bool)
    case deleteExchange(String, ifUnused: Bool)
    case purge(String)
    /// A passive declaration alone.
    case inspect(String)
    case inspectExchange(String)

    var description: String {
        switch self {
        case .declareExchange(let exchange, _): "declare exchange '\(exchange.name)'"
        case .declareQueue(let queue, _): "declare queue '\(queue.name)'"
        case .bind(let binding): "bind '\(binding.source)' to \(binding.destination) by '\(binding.routingKey)'"
        case .unbind(let binding): "unbind '\(binding.source)' from \(binding.destination) by '\(binding.routingKey)'"
        case .deleteQueue(let name, _, _): "delete queue '\(name)'"
        case .deleteExchange(let name, _): "delete exchange '\(name)'"
        case .purge(let name): "purge queue '\(name)'"
        case .inspect(let name): "look at queue '\(name)'"
        case .inspectExchange(let name): "look at exchange '\(name)'"
        }
    }

    /// Throws when AMQP can't carry the request.
    func check(frameMax: Int) throws(AMQPError) {
        var size = 1_024
        switch self {
        case .declareExchange(let exchange, _):
            try exchange.name.checkedShortLength("exchange name")
            try exchange.type.checkedShortLength("exchange type")
            size += try exchange.arguments.encodedSize()
        case .declareQueue(let queue, _):
            try queue.name.checkedShortLength("queue name")
            size += try queue.arguments.encodedSize()
        case .bind(let binding), .unbind(let binding):
            try binding.source.checkedShortLength("exchange name")
            try binding.routingKey.checkedShortLength("routing key")
            switch binding.destination {
            case .queue(let name), .exchange(let name): try name.checkedShortLength("destination name")
            }
            size += try binding.arguments.encodedSize()
        case .deleteQueue(let name, _, _), .deleteExchange(let name, _), .purge(let name), .inspect(let name),
            .inspectExchange(let name):
            try name.checkedShortLength("name")
        }
        guard size <= frameMax else { throw AMQPError(.invalidArgument, "the arguments don't fit into a frame of \(frameMax) bytes") }
    }
}

/// The broker's positive answer to a request.
enum Reply: Sendable {
    case ok
    case queue(QueueStatus)
    /// Messages purged, or deleted with their queue.
    case count(Int)
}
