import BatonWire

/// The worker's first appearance.
extension Examiner {
    /// How long a command may take, and how long a person may.
    private static let start: Duration = .seconds(30)
    private static let manualStart: Duration = .seconds(600)

    /// Returns once the worker takes messages by way of the proxy.
    ///
    /// - Throws: `ConformanceError` where none comes, or one comes by another way.
    func waitForWorker() async throws {
        let prefix = "\(conductor.topology.namespace).tasks.\(conductor.queue)."
        let limit = candidate == nil ? Self.manualStart : Self.start
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            try Task.checkCancellation()
            // The broker's count gives no signal, so it is asked now and then.
            let isThere = await journal.wait(within: .milliseconds(500)) { entries -> Bool? in
                entries.contains { if case .consumes(let queue) = $0.event { queue.hasPrefix(prefix) } else { false } } ? true : nil
            }
            if isThere == true { return }
            try checkPath()
            if try await conductor.consumers() > 0, !isConsuming(prefix) { throw Conductor.notThroughProxy(prefix + "p*") }
            try checkCommand()
        }
        throw ConformanceError("no worker took messages from \(prefix)p2 within \(limit.inSeconds)\(closedChannels)")
    }

    /// What the broker answered where a queue wasn't there, in words that can follow others.
    var closedChannels: String {
        let texts = journal.entries.compactMap { entry -> String? in
            if case .channelClosed(let code, let text) = entry.event { "\(code) \(text)" } else { nil }
        }
        guard let last = texts.last else { return "" }
        return "; the broker closed \(texts.count) of its channels, the last with \"\(last)\" (a queue that isn't there yet must "
            + "not keep the worker from the others)"
    }

    private func isConsuming(_ prefix: String) -> Bool {
        journal.entries.contains { if case .consumes(let queue) = $0.event { queue.hasPrefix(prefix) } else { false } }
    }

    /// - Throws: `ConformanceError` where reports have come by another way than the proxy.
    func checkPath() throws(ConformanceError) {
        var published = 0
        var arrived = 0
        for entry in journal.entries {
            switch entry.event {
            case .published(let publication) where publication.exchange == conductor.topology.reports.name: published += 1
            case .arrived: arrived += 1
            default: break
            }
        }
        if arrived > published { throw Conductor.reportsBesideProxy(conductor.topology.reports.name) }
    }

    private func checkCommand() throws(ConformanceError) {
        let statuses = journal.entries.compactMap { if case .exited(let status) = $0.event { status } else { nil } }
        guard statuses.count >= 5, let last = statuses.last else { return }
        throw ConformanceError("the command ends before it takes a task, last with \(last)")
    }
}
