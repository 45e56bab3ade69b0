import BatonModel
import BatonWire

/// Level 2: a worker that shows that it is alive, and how far it has got.
extension Examiner {
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
            return note(.sendsHeartbeats, false, "core.sleep was to complete after 4s; seen: \(outcome.inWords)")
        }
        let gap = longestSilence(of: probe.key)
        note(
            .sendsHeartbeats, gap.map { $0.time <= Self.heartbeat } ?? false,
            gap.map { "the longest silence was \($0.time.text) of \(Self.heartbeat.text) allowed, with \($0.signs) signs of life" }
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
        var missing: [String] = []
        for priority in Priority.allCases {
            let outcome = try await outcome(of: probes.make("core.echo", ["n": 9], priority: priority))
            if outcome == nil { missing.append("nobody took a task of priority \(priority.rawValue)") }
        }
        note(.takesPriorities, problems: missing, otherwise: "tasks of priorities 0, 1, 2 and 3 were done")
    }

    private func examineProtocol() async throws {
        let probe = probes.make("core.echo", ["n": 10]) { $0.headers[HeaderName.version] = .integer(WireVersion.current + 1) }
        let key = probe.key
        try await send(probe)
        let settled = await settlement(of: key)
        let parked = await journal.wait(within: settled == nil ? .milliseconds(1) : Self.patience) { entries -> Bool? in
            for entry in entries {
                if case .parked(let message) = entry.event, message.messageID == key { return true }
            }
            return nil
        }
        let isRun = conduct.reports.contains { $0.correlationID == key && $0.type == "completed" }
        note(
            .refusesHigherProtocol, parked == true && !isRun,
            isRun
                ? "a message of protocol 2 was executed" : parked == true ? "a message of protocol 2 was parked" : "a message of protocol 2 was not parked")
    }

    private func judgeHeaders() {
        var problems: [String] = []
        for report in conduct.reports {
            guard let attempt = report.correlationID.flatMap({ AttemptID($0) }) else { continue }
            let wanted = [
                (HeaderName.version, "\(WireVersion.current)"), (HeaderName.run, attempt.run.rawValue),
                (HeaderName.task, "probe-\(attempt.task)"), (HeaderName.attempt, "\(attempt.number)"),
            ]
            for (name, value) in wanted where report.headers.string(name) != value {
                problems.append("\(report.type ?? "") of \(attempt): \(name) is '\(report.headers.string(name) ?? "absent")', not '\(value)'")
            }
            if report.headers.string(HeaderName.worker)?.isEmpty != false {
                problems.append("\(report.type ?? "") of \(attempt): \(HeaderName.worker) is absent")
            }
        }
        note(.echoesHeaders, problems: problems, otherwise: "every report says its protocol, run, task, attempt and worker")
    }

    private func judgeProgress() {
        let reports = conduct.reports.filter { $0.type == "progress" }
        var problems: [String] = []
        for report in reports {
            guard let body = report.json, body.object != nil else {
                problems.append("the body is no object: \(report.inWords)")
                continue
            }
            if let fraction = body["fraction"], !(fraction.double.map { (0...1).contains($0) } ?? false) {
                problems.append("'fraction' is not a number from 0 to 1: \(report.inWords)")
            }
            if let message = body["message"], message.string == nil { problems.append("'message' is no text: \(report.inWords)") }
        }
        note(
            .sendsProgress, problems: problems,
            otherwise: reports.isEmpty ? "none was sent, and none need be" : "\(reports.count) reports of progress are sound")
    }
}
