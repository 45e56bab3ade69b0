import Logging

extension ConnectionLoop {
    /// A recovery step that failed for a passing reason is tried this often, this far apart.
    private static let recoveryAttempts = 40
    private static let recoveryPause: UInt64 = 250_000_000

    /// Puts the remembered topology before everything else.
    func beginSetup() {
        let requests = topology.requests
        recoveriesLeft = requests.count
        for request in requests.reversed() { operations.prepend(AdministrativeOperation(request, .recovery(attempt: 1))) }
    }

    /// After the last recovery step the connection counts as up.
    func becomeReady() {
        guard !isReady, recoveriesLeft == 0 else { return }
        isReady = true
        readyAt = now
        logger.debug("connected", metadata: ["epoch": "\(epoch)"])
        if let blocked { shared.set(.blocked(reason: blocked)) } else { shared.set(.connected(epoch: epoch)) }
    }

    /// One operation is under way at a time, so that a refusal is known to mean it.
    func sendRequests() throws(AMQPError) {
        while currentOperation == nil, let operation = operations.popFirst() {
            if case .user(let waiter, _) = operation.origin, waiter.isResolved { continue }
            if case .get(let get) = operation.origin, get.waiter.isResolved { continue }
            currentOperation = operation
            let channel: Channel
            if let administrator { channel = administrator } else { channel = try open(.administrator) }
            administrator = channel
            do throws(AMQPError) {
                try operation.request.check(frameMax: transport?.frameMax ?? configuration.frameMax)
            } catch {
                complete(operation, .failure(error))
                continue
            }
            try withTransport { transport throws(AMQPError) in try transport.send(operation.request, on: channel.number) }
            expect(.administration, on: channel)
        }
    }

    func operationAnswered(_ reply: Reply) {
        guard let operation = currentOperation else { return }
        if operation.advance(afterFinding: reply) {
            currentOperation = nil
            operations.prepend(operation)
        } else {
            complete(operation, .success(reply))
        }
    }

    func operationFailed(_ error: AMQPError) {
        guard let operation = currentOperation else { return }
        if error.code == .notFound, operation.advanceAfterMissing() {
            currentOperation = nil
            operations.prepend(operation)
        } else if error.code == .accessRefused, let found = operation.found {
            // It exists, and this user may not declare: good enough to use it.
            logger.debug("not permitted to declare; using what exists", metadata: ["operation": "\(operation.request.description)"])
            complete(operation, .success(found))
        } else {
            complete(operation, .failure(error.during(operation.request.description)))
        }
    }

    private func complete(_ operation: AdministrativeOperation, _ result: Result<Reply, AMQPError>) {
        currentOperation = nil
        switch operation.origin {
        case .user(let waiter, let recover):
            if case .success = result { remember(operation.request, recover) }
            waiter.resolve(result.mapError { $0 })
        case .recovery(let attempt): recovered(operation, attempt, result)
        case .consumer(let slot): prepared(slot, result)
        case .get(let get):
            switch result {
            case .success:
                knownQueues.insert(get.queue)
                gets.prepend(get)
            case .failure(let error): get.waiter.fail(error)
            }
        }
    }

    private func remember(_ request: Request, _ recover: Bool) {
        switch request {
        case .declareExchange(let exchange, _): if recover { topology.remember(exchange) }
        case .declareQueue(let queue, _): if recover { topology.remember(queue) }
        case .bind(let binding): if recover { topology.remember(binding) }
        case .unbind(let binding): topology.forget(binding)
        case .deleteQueue(let name, _, _):
            topology.forgetQueue(name)
            knownQueues.remove(name)
        case .deleteExchange(let name, _): topology.forgetExchange(name)
        case .purge, .inspect, .inspectExchange: break
        }
    }

    private func recovered(_ operation: AdministrativeOperation, _ attempt: Int, _ result: Result<Reply, AMQPError>) {
        guard case .failure(let error) = result else {
            recoveriesLeft -= 1
            return
        }
        // An exclusive queue stays locked until the broker notices that the old connection is gone.
        if error.code == .resourceLocked || error.code == .timeout, attempt < Self.recoveryAttempts {
            let again = AdministrativeOperation(operation.request.initial, .recovery(attempt: attempt + 1))
            after(Self.recoveryPause) { [unowned self] in operations.prepend(again) }
            return
        }
        logger.error(
            "could not be declared again", metadata: ["operation": "\(operation.request.description)", LogKey.error: "\(error)"])
        recoveriesLeft -= 1
    }

    // MARK: Get

    func sendGets() throws(AMQPError) {
        while !(asksSingly && isAsking), let get = gets.popFirst() {
            if get.waiter.isResolved { continue }
            guard knownQueues.contains(get.queue) else {
                operations.append(AdministrativeOperation(.inspect(get.queue), .get(get)))
                continue
            }
            let channel: Channel
            if let getter { channel = getter } else { channel = try open(.getter) }
            getter = channel
            try withTransport { transport throws(AMQPError) in try transport.get(channel.number, queue: get.queue) }
            expect(.get(get), on: channel)
        }
    }
}

extension Request {
    /// The first step of the request.
    var initial: Request {
        switch self {
        case .declareExchange(let exchange, _): .declareExchange(exchange, passive: true)
        case .declareQueue(let queue, _): .declareQueue(queue, passive: true)
        default: self
        }
    }
}

extension AdministrativeOperation {
    func restart() {
        request = request.initial
        found = nil
    }

    private func makeActive() -> Bool {
        switch request {
        case .declareExchange(let exchange, passive: true): request = .declareExchange(exchange, passive: false)
        case .declareQueue(let queue, passive: true): request = .declareQueue(queue, passive: false)
        default: return false
        }
        return true
    }

    /// The passive declaration found something; the active one tells whether it is the same.
    /// - Returns: false when the operation is done.
    func advance(afterFinding reply: Reply) -> Bool {
        guard makeActive() else { return false }
        found = reply
        return true
    }

    func advanceAfterMissing() -> Bool { makeActive() }
}
