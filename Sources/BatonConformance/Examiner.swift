import BatonModel
import BatonWire

/// Makes the checks, one after the other, and gathers their results.
final class Examiner {
    let journal: Journal
    let wiretap: Wiretap
    let proxy: Proxy
    let conductor: Conductor
    let candidate: Candidate?
    let leaseAfter: Duration
    var probes = ProbeMaker()
    private var results: [Check: CheckResult] = [:]
    private let onResult: (CheckResult) -> Void

    /// How long a worker may take for what it should do at once.
    static let patience: Duration = .seconds(10)
    /// How long it may take to connect again.
    static let reconnection: Duration = .seconds(30)
    /// How long something is waited for that should not happen.
    static let watch: Duration = .milliseconds(700)

    init(
        journal: Journal, wiretap: Wiretap, proxy: Proxy, conductor: Conductor, candidate: Candidate?, leaseAfter: Duration,
        onResult: @escaping (CheckResult) -> Void
    ) {
        self.journal = journal
        self.wiretap = wiretap
        self.proxy = proxy
        self.conductor = conductor
        self.candidate = candidate
        self.leaseAfter = leaseAfter
        self.onResult = onResult
    }

    /// - Throws: `ConformanceError` where there is nothing to examine.
    func examine() async throws -> ConformanceReport {
        try await examineExecution()
        if isPassed(1) { try await examineSignsOfLife() }
        if isPassed(1), isPassed(2) { try await examineControl() }
        // What was seen later counts too.
        if hasTakenTask {
            judgeAcknowledgements()
            judgeAttempts()
            judgeSafety()
        }
        return report
    }

    /// Without that, all else would only say it again.
    private var hasTakenTask: Bool { results[.takesTask]?.isPassed == true }

    private var report: ConformanceReport { ConformanceReport(results: Check.allCases.compactMap { results[$0] }) }

    private func isPassed(_ level: Int) -> Bool { ConformanceReport.isPassed(level, report.results) }

    var conduct: Conduct { Conduct(topology: conductor.topology, entries: journal.entries) }

    // MARK: - Results

    /// A failure that was found stays.
    func note(_ check: Check, _ isPassed: Bool, _ seen: String) {
        if let earlier = results[check], !earlier.isPassed || isPassed { return }
        let result = CheckResult(check: check, isPassed: isPassed, seen: seen)
        results[check] = result
        onResult(result)
    }

    /// - Parameter problems: what was seen that must not be, each in words.
    func note(_ check: Check, problems: [String], otherwise seen: String) {
        let rest = problems.count > 3 ? "; and \(problems.count - 3) more" : ""
        note(check, problems.isEmpty, problems.isEmpty ? seen : problems.prefix(3).joined(separator: "; ") + rest)
    }

    func judgeAcknowledgements() {
        note(
            .acknowledgesLast, problems: conduct.earlyAcknowledgements.inWords,
            otherwise: "each message was acknowledged after its report's confirm, also where that was held back")
    }

    func judgeSafety() {
        note(
            .publishesSafely, problems: conduct.unsafeOutcomes.inWords,
            otherwise: "outcomes are mandatory, persistent and confirmed, on the exchange for reports, with the task's reply_to")
    }

    func judgeAttempts() {
        note(.usesOwnAttempt, problems: conduct.strayOutcomes, otherwise: "each outcome named the attempt at hand")
    }

    // MARK: - Waiting

    func send(_ probe: Probe) async throws { try await conductor.publish(probe.message, probe.priority) }

    /// Sends a probe and waits for what becomes of it.
    func outcome(of probe: Probe, within limit: Duration = patience) async throws -> Message? {
        try await send(probe)
        return await arrival(of: probe.key, within: limit) { $0.isOutcome }
    }

    /// How often the attempt's message was given back to its queue.
    func returns(of attempt: String) -> Int {
        journal.entries.count { entry in
            if case .settled(let delivery, .givenBack) = entry.event { delivery.message.messageID == attempt } else { false }
        }
    }

    /// The next matching report of an attempt that the broker has.
    func arrival(
        of attempt: String, from start: Int = 0, within limit: Duration = patience, _ matches: @escaping @Sendable (Message) -> Bool
    ) async -> Message? {
        await journal.wait(from: start, within: limit) { entries in
            for entry in entries {
                if case .arrived(let message) = entry.event, message.correlationID == attempt, matches(message) { return message }
            }
            return nil
        }
    }

    /// How the attempt's message was settled, other than given back.
    func settlement(
        of attempt: String, from start: Int = 0, within limit: Duration = patience
    ) async -> Observation.Settlement? {
        let exchange = conductor.topology.tasks.name
        return await journal.wait(from: start, within: limit) { entries in
            for entry in entries {
                if case .settled(let delivery, let settlement) = entry.event, delivery.message.messageID == attempt,
                    delivery.exchange == exchange, settlement != .givenBack
                {
                    return settlement
                }
            }
            return nil
        }
    }

    /// Waits until the worker takes messages again, on a new connection.
    func reconnection(from start: Int) async -> Bool {
        let prefix = "\(conductor.topology.namespace).tasks.\(conductor.queue)."
        return await journal.wait(from: start, within: Self.reconnection) { entries in
            var isConnected = false
            for entry in entries {
                switch entry.event {
                case .connected: isConnected = true
                case .consumes(let queue) where isConnected && queue.hasPrefix(prefix): return true
                default: break
                }
            }
            return nil
        } ?? false
    }
}

extension Message {
    /// Type and body in words.
    var inWords: String {
        let text = String(decoding: body.prefix(200), as: UTF8.self)
        return "'\(type ?? "")'" + (body.isEmpty ? "" : " \(text)\(body.count > 200 ? "…" : "")")
    }

    var json: JSONValue? { try? JSON(parsing: body).value }
}

extension Optional where Wrapped == Message {
    var inWords: String { self?.inWords ?? "nothing" }
}
