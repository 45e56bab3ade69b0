import BatonModel
import BatonWire

/// Level 2: a worker that shows that it is alive, and how far it has got.
extension Examiner {
    /// How long a worker may take to find a queue that has come only now.
    private static let newQueue: Duration = .seconds(15)
    private static let heartbeat: Duration = .milliseconds(1500)

    func examineSignsOfLife() async throws {
        try await examineHeartbeats()
        try await examinePriorities()
        try await examineProtocol()
        judgeHeaders()
        judgeProgress()
    }

    private func examineHeartbeats() async throws {
        let probe = probes.make("core.sleep", ["seconds": 4], heartbeat: Self.heartbeat)
        let outcome = try await outcome(of: probe, within: .seconds(4) + Self.patience)
        guard outcome?.type == "completed" else {
            return note(.sendsHeartbeats, false, "core.sleep was to complete after 4 s; seen: \(outcome.inWords)")
        }
        let gap = longestSilence(of: probe.key)
        note(
            .sendsHeartbeats, gap.map { $0.time <= Self.heartbeat } ?? false,
            gap.map { "the longest silence was \($0.time.inSeconds) of \(Self.heartbeat.inSeconds) allowed, with \($0.signs) signs of life" }
                ?? "the task was not delivered by way of the proxy")
    }

    /// Between the delivery, the signs of life and the outcome of an attempt, in the order in which they were seen.
    func longestSilence(of attempt: String) -> (time: Duration, signs: Int)? {
        var last: ContinuousClock.Instant?
        var longest = Duration.zero
        var signs = 0
        for entry in journal.entries {
            switch entry.event {
            case .delivered(let delivery) where delivery.message.messageID == attempt && last == nil: last = entry.at
            case .published(let publication) where publication.message.correlationID == attempt:
                if let last { longest = max(longest, entry.at - last) }
                if publication.message.isOutcome { return (.milliseconds(longest.milliseconds), signs) }
                last = entry.at
                signs += 1
            default: break
            }
        }
        return nil
    }

    private func examinePriorities() async throws {
        // Those that weren't there when the worker began.
        try await conductor.declareTaskQueues()
        var sent: [Probe] = []
        for priority in Priority.allCases {
            let probe = probes.make("core.echo", ["n": 9], priority: priority)
            try await send(probe)
            sent.append(probe)
        }
        let deadline = ContinuousClock.now + Self.newQueue
        var missing: [String] = []
        for probe in sent {
            let outcome = await arrival(of: probe.key, within: max(.zero, deadline - .now)) { $0.isOutcome }
            if outcome == nil {
                missing.append("nobody took a task of priority \(probe.priority.rawValue) within \(Self.newQueue.inSeconds)")
            }
        }
        if !missing.isEmpty, !closedChannels.isEmpty { missing[missing.count - 1] += closedChannels }
        note(.takesPriorities, problems: missing, otherwise: "tasks of priorities 0, 1, 2 and 3 were done")
    }

    private func examineProtocol() async throws {
        let probe = probes.make("core.echo", ["n": 10]) { $0.headers[HeaderName.version] = .integer(WireVersion.current + 1) }
        let key = probe.key
        try await send(probe)
        let settled = await settlement(of: key)
        let parked = await journal.wait(within: settled == nil ? .milliseconds(1) : Self.patience) { entries -> Message? in
            for entry in entries {
                if case .parked(let message) = entry.event, message.messageID == key { return message }
            }
            return nil
        }
        var problems: [String] = []
        if conduct.reports.contains(where: { $0.correlationID == key && $0.type == "completed" }) {
            problems.append("a message of protocol 2 was executed")
        }
        let count = returns(of: key)
        if count > 0 { problems.append("a message of protocol 2 was given back to its queue \(count) times: it comes round and round") }
        if let parked {
            if settled != .discarded { problems += flaws(ofParked: parked, probe) }
        } else {
            problems.append("a message of protocol 2 was not parked")
        }
        let way = settled == .discarded ? "rejected without requeue, and so parked by the broker" : "parked"
        note(.refusesHigherProtocol, problems: problems, otherwise: "a message of protocol 2 was \(way)")
    }

    /// What is wrong with the worker's own copy among the parked.
    private func flaws(ofParked parked: Message, _ probe: Probe) -> [String] {
        var found: [String] = []
        for name in [HeaderName.parkedReason, HeaderName.parkedFrom, HeaderName.parkedAt]
        where parked.headers.string(name)?.isEmpty != false {
            found.append("header \(name) is absent")
        }
        let isWhole = parked.body == probe.message.body && parked.type == probe.message.type
            && probe.message.headers.fields.allSatisfy { parked.headers.string($0.name) == probe.message.headers.string($0.name) }
        if !isWhole { found.append("its type, headers or body are not as they came") }
        let publication = journal.entries.lazy.compactMap { entry -> Observation.Published? in
            guard case .published(let publication) = entry.event, publication.message.messageID == probe.key else { return nil }
            return publication
        }.first
        if let publication, !publication.isMandatory { found.append("it is not mandatory") }
        if !parked.isPersistent { found.append("its delivery_mode is not 2") }
        return found.isEmpty ? [] : ["the parked message of protocol 2: " + found.joined(separator: ", ")]
    }

    private func judgeHeaders() {
        var problems: [Flaw] = []
        for report in conduct.reports {
            guard let attempt = report.correlationID.flatMap({ AttemptID($0) }) else { continue }
            let wanted = [
                (HeaderName.version, "\(WireVersion.current)"), (HeaderName.run, attempt.run.rawValue),
                (HeaderName.task, "probe-\(attempt.task)"), (HeaderName.attempt, "\(attempt.number)"),
            ]
            func found(_ what: String) { problems.append(Flaw(attempt: attempt.description, cause: "was reported \(what)")) }
            let names = wanted.map(\.0) + [HeaderName.worker]
            let missing = names.filter { report.headers.string($0)?.isEmpty != false }
            if !missing.isEmpty { found("without \(missing.joined(separator: ", "))") }
            for (name, value) in wanted {
                if let seen = report.headers.string(name), seen != value { found("with \(name) '\(seen)', not '\(value)'") }
            }
            if let worker = report.headers.string(HeaderName.worker), !worker.isEmpty, !NameRule.allows(worker) {
                found("by \(HeaderName.worker) '\(worker)', which is not \(NameRule.explanation)")
            }
        }
        note(.echoesHeaders, problems: problems.inWords, otherwise: "every report says its protocol, run, task, attempt and worker")
    }

    private func judgeProgress() {
        let reports = conduct.reports.filter { $0.type == "progress" }
        var problems: [Flaw] = []
        for report in reports {
            func found(_ what: String) { problems.append(Flaw(attempt: report.correlationID ?? "", cause: "sent progress \(what)")) }
            guard let body = report.json, body.object != nil else {
                found("that is no object: \(report.inWords)")
                continue
            }
            if let fraction = body["fraction"], !(fraction.double.map { (0...1).contains($0) } ?? false) {
                found("whose 'fraction' is \(JSON(fraction)), not a number from 0 to 1")
            }
            if let message = body["message"], message.string == nil { found("whose 'message' is \(JSON(message)), no text") }
        }
        note(
            .sendsProgress, problems: problems.inWords,
            otherwise: reports.isEmpty ? "none was sent, and none need be" : "\(reports.count) reports of progress are sound")
    }
}
