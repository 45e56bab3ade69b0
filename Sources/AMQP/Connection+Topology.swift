extension Connection {
    private func request(_ request: Request, recover: Bool = true) async throws -> Reply {
        try request.check(frameMax: configuration.frameMax)
        let waiter = Waiter<Reply>()
        try shared.post { $0.commands.append(.request(request, recover: recover, waiter)) }
        return try await waiter.value()
    }

    /// Declares a queue: passively first, then, when that says it exists, with all arguments to see whether they differ;
    /// else it is created. A user without the permission to configure may so use a queue that exists.
    ///
    /// Runs on a channel of its own, so a refusal disturbs nothing else.
    /// - Parameter recover: whether to declare it again on every later connection.
    /// - Returns: the name, which is made up when it was empty, and counts.
    /// - Throws: ``AMQPError``: `preconditionFailed` with the broker's words on the difference, `accessRefused`,
    ///   `resourceLocked`, `timeout`, `closed`; or `CancellationError`, and it may have been declared all the same.
    @discardableResult
    public func declare(_ queue: QueueDeclaration, recover: Bool = true) async throws -> QueueStatus {
        var queue = queue
        if queue.name.isEmpty {
            queue.name = "generated-" + String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
        }
        if case .queue(let status) = try await request(.declareQueue(queue, passive: true), recover: recover) { return status }
        return QueueStatus(name: queue.name, messages: 0, consumers: 0)
    }

    /// Declares an exchange, as `declare(_:recover:)` does a queue.
    public func declare(_ exchange: ExchangeDeclaration, recover: Bool = true) async throws {
        _ = try await request(.declareExchange(exchange, passive: true), recover: recover)
    }

    /// Makes a binding.
    /// - Throws: ``AMQPError``: `notFound` when either end doesn't exist, `accessRefused`; or `CancellationError`.
    public func bind(_ binding: Binding, recover: Bool = true) async throws {
        _ = try await request(.bind(binding), recover: recover)
    }

    /// Removes a binding, also from what is declared again. One that doesn't exist is no error.
    public func unbind(_ binding: Binding) async throws { _ = try await request(.unbind(binding)) }

    /// Deletes a queue, also from what is declared again. One that doesn't exist is no error.
    /// - Returns: the number of messages deleted with it.
    /// - Throws: ``AMQPError``: `preconditionFailed` when it is used or not empty and that was a condition.
    @discardableResult
    public func deleteQueue(_ name: String, ifUnused: Bool = false, ifEmpty: Bool = false) async throws -> Int {
        if case .count(let count) = try await request(.deleteQueue(name, ifUnused: ifUnused, ifEmpty: ifEmpty)) { return count }
        return 0
    }

    /// Deletes an exchange, also from what is declared again. One that doesn't exist is no error.
    public func deleteExchange(_ name: String, ifUnused: Bool = false) async throws {
        _ = try await request(.deleteExchange(name, ifUnused: ifUnused))
    }

    /// Removes the messages that wait in a queue.
    /// - Returns: how many there were.
    @discardableResult
    public func purge(queue: String) async throws -> Int {
        if case .count(let count) = try await request(.purge(queue)) { return count }
        return 0
    }

    /// What the broker knows of a queue, without touching it.
    /// - Throws: ``AMQPError``: `notFound`, or `resourceLocked` for another connection's exclusive queue.
    public func status(queue: String) async throws -> QueueStatus {
        if case .queue(let status) = try await request(.inspect(queue)) { return status }
        return QueueStatus(name: queue, messages: 0, consumers: 0)
    }

    /// Whether there is an exchange of this name, without touching it.
    /// - Throws: ``AMQPError``: `timeout`, `closed`; or `CancellationError`.
    public func exists(exchange: String) async throws -> Bool {
        do {
            _ = try await request(.inspectExchange(exchange))
            return true
        } catch let error as AMQPError where error.code == .notFound {
            return false
        }
    }

    /// Messages ready in a queue, and its consumers.
    public func messageCount(queue: String) async throws -> (messages: Int, consumers: Int) {
        let status = try await status(queue: queue)
        return (status.messages, status.consumers)
    }
}
