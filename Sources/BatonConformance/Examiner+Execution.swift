import BatonModel
import BatonWire

/// Level 1: a worker that executes.
extension Examiner {
    /// - Throws: `ConformanceError` where no worker comes.
    func examineExecution() async throws {
        let first = probes.make("core.echo", Self.sample)
        try await send(first)
        try candidate?.start()
        try await waitForWorker()
        let outcome = await arrival(of: first.key, within: Self.first) { $0.isOutcome }
        if outcome == nil { try checkPath() }
        try await examineFirst(first, outcome)
        guard outcome != nil else { return }
        try await examineFailure()
        try await examineTolerance()
        try await examineAcknowledging()
        try await examineAttempts()
        await examineComingBack()
        judgeSafety()
    }

    /// How long the first outcome may take.
    private static let first: Duration = .seconds(20)

    /// Texts beyond ASCII, numbers of both kinds, all literals, and emptiness.
    private static let sample: JSONValue = [
        "text": "grüße, 世界", "whole": 42, "large": 9_007_199_254_740_991, "fraction": 1.5, "literals": [true, false, nil], "empty": [:], "list": [],
    ]

    private func examineFirst(_ probe: Probe, _ outcome: Message?) async throws {
        guard let outcome else { return note(.takesTask, false, nothingCame(probe)) }
        note(.takesTask, true, "the task was taken and reported")
        note(
            .returnsResult, outcome.type == "completed" && outcome.json == Self.sample,
            outcome.type == "completed" && outcome.json == Self.sample
                ? "core.echo gave back what it got" : "core.echo was to give back its inputs; seen: \(outcome.inWords)")
        var problems: [String] = []
        for name in [HeaderName.run, HeaderName.task, HeaderName.attempt] {
            if let echoed = outcome.headers.string(name), echoed != probe.message.headers.string(name) {
                problems.append("header \(name) is '\(echoed)', not '\(probe.message.headers.string(name) ?? "")'")
            }
        }
        note(.namesAttempt, problems: problems, otherwise: "correlation_id is the task's message_id")
    }

    private func nothingCame(_ probe: Probe) -> String {
        let limit = "within \(Self.first.inSeconds)"
        let causes = conduct.unsafeOutcomes.filter { $0.attempt == probe.key }.inWords
        if !causes.isEmpty { return "no outcome came \(limit): \(causes.joined(separator: "; "))" }
        let isTaken = journal.entries.contains { entry in
            if case .delivered(let delivery) = entry.event { delivery.message.messageID == probe.key } else { false }
        }
        guard isTaken else { return "the task was not taken \(limit)\(closedChannels)" }
        guard let last = conduct.reports.last else {
            let count = returns(of: probe.key)
            return "no report came \(limit)" + (count > 0 ? "; its message was given back \(count) times" : "")
        }
        let name = last.correlationID ?? ""
        return name == probe.key
            ? "no outcome came \(limit); seen: \(last.inWords)"
            : "no outcome came \(limit): the report ('\(last.type ?? "")') has the correlation_id '\(name)', not the task's message_id "
                + "'\(probe.key)'"
    }

    private func examineFailure() async throws {
        let inputs: JSONValue = ["message": "the card was declined", "type": "cardDeclined"]
        let outcome = try await outcome(of: probes.make("core.fail", inputs))
        let body = outcome?.json
        let isRight = outcome?.type == "failed" && body?["type"] == inputs["type"] && body?["message"] == inputs["message"]
        note(
            .reportsFailure, isRight,
            isRight ? "core.fail failed with its type and message" : "core.fail was to fail with \(JSON(inputs)); seen: \(outcome.inWords)")
    }

    private func examineTolerance() async throws {
        let strange = probes.make("core.echo", ["n": 1]) { message in
            message.headers["baton-later"] = .integer(9)
            message.headers["x-other"] = .string("…")
            message.body = Array(#"{"later":{"a":[1]},"inputs":{"n":1},"more":null}"#.utf8)
        }
        let outcome = try await outcome(of: strange)
        let isIgnored = outcome?.type == "completed" && outcome?.json == ["n": 1]
        note(
            .ignoresUnknown, isIgnored,
            isIgnored ? "unknown headers and fields made no difference" : "with unknown headers and fields: \(outcome.inWords)")

        let start = journal.end
        var problems: [String] = []
        for (what, body) in [("no JSON", "{not json"), ("no object", "[1]"), ("nothing", "")] {
            let bad = probes.make("core.echo") { $0.body = Array(body.utf8) }
            try await send(bad)
            let isSettled = await settlement(of: bad.key) != nil
            let count = returns(of: bad.key)
            if count > 0 {
                problems.append("a message whose body is \(what) was given back to its queue \(count) times: it comes round and round")
            } else if !isSettled {
                problems.append("a message whose body is \(what) is not dealt with")
            }
            // An empty body may be read as one without fields.
            if !body.isEmpty, conduct.reports.contains(where: { $0.correlationID == bad.key && $0.type == "completed" }) {
                problems.append("a message whose body is \(what) was reported as completed")
            }
        }
        let unknown = probes.make("conformance.unknown", ["n": 2])
        let answer = try await self.outcome(of: unknown)
        if answer?.type != "failed" {
            problems.append("a task for an unknown handler was to be reported as failed; seen: \(answer.inWords)")
        }
        let after = probes.make("core.echo", ["n": 3])
        if try await self.outcome(of: after) == nil { problems.append("the next task is not done") }
        let ends = journal.entries[start...].compactMap { if case .exited(let status) = $0.event { status } else { nil } }
        if let status = ends.first { problems.append("the worker ended (\(status))") }
        note(.survivesBadInput, problems: problems, otherwise: "bad messages were put aside or failed, and work went on")
    }

    private func examineAcknowledging() async throws {
        let held = probes.make("core.echo", ["n": 4])
        wiretap.set(.hold(.milliseconds(500)), for: held.key)
        _ = try await outcome(of: held)
        if await settlement(of: held.key) == nil {
            note(.acknowledgesLast, false, "\(held.key) was not acknowledged within \(Self.patience.inSeconds) of its report")
        }
        try await examineReturn()
        judgeAcknowledgements()
        try await examineKeeping()
    }

    private func examineKeeping() async throws {
        let unconfirmed = probes.make("core.echo", ["n": 5])
        wiretap.set(.cut, for: unconfirmed.key)
        let start = journal.end
        try await send(unconfirmed)
        let key = unconfirmed.key
        let cut = await journal.wait(from: start, within: Self.patience) { entries in
            entries.firstIndex { if case .cut = $0.event { true } else { false } }
        }
        guard let cut else {
            return note(.keepsUnconfirmed, false, "no report waited for its confirm, so that it could be withheld")
        }
        let again = await journal.wait(from: cut, within: Self.reconnection) { entries -> Bool? in
            for entry in entries {
                if case .delivered(let delivery) = entry.event, delivery.message.messageID == key { return true }
            }
            return nil
        }
        guard again == true else {
            let isGone = conduct.earlyAcknowledgements.contains { $0.attempt == key }
            let why = isGone ? "it had been acknowledged already" : "the worker did not connect again"
            return note(.keepsUnconfirmed, false, "\(key) did not come back after its report's confirm was lost: \(why)")
        }
        let confirmed = await journal.wait(from: cut, within: Self.reconnection) { entries -> Bool? in
            for entry in entries {
                if case .confirmed(let publication) = entry.event, publication.message.isOutcome,
                    publication.message.correlationID == key
                {
                    return true
                }
            }
            return nil
        }
        let settled = await settlement(of: key, from: cut)
        note(
            .keepsUnconfirmed, confirmed == true && settled != nil,
            confirmed != true
                ? "\(key) came back, but was not reported again"
                : settled == nil ? "\(key) was reported again, but not acknowledged" : "it came back, was reported again, and then acknowledged")
    }

    private func examineAttempts() async throws {
        let first = probes.make("core.echo", ["n": 6])
        let second = probes.make("core.echo", ["n": 7], again: first)
        _ = try await outcome(of: first)
        _ = await settlement(of: first.key)
        let start = journal.end
        let outcome = try await outcome(of: second)
        if outcome == nil {
            let names = Conduct(topology: conductor.topology, entries: Array(journal.entries[start...])).reports
                .filter(\.isOutcome).compactMap(\.correlationID)
            note(
                .usesOwnAttempt, false,
                names.isEmpty
                    ? "the second attempt, \(second.key), was not reported" : "\(second.key) was reported as \(names.joined(separator: ", "))")
        }
        judgeAttempts()
    }

    private func examineComingBack() async {
        let start = journal.end
        proxy.cut()
        guard await reconnection(from: start) else {
            return note(.comesBack, false, "it did not take messages again within \(Self.reconnection.inSeconds) of losing its connection")
        }
        let probe = probes.make("core.echo", ["n": 8])
        let outcome = try? await outcome(of: probe)
        let isRestarted = journal.entries[start...].contains { if case .exited = $0.event { true } else { false } }
        note(
            .comesBack, outcome != nil,
            outcome == nil
                ? "connected again, but did nothing" : isRestarted ? "it ended, and worked on when started again" : "it connected again and worked on")
    }

    /// An outcome that nobody takes comes back, and is no reason to acknowledge until it is taken.
    private func examineReturn() async throws {
        let probe = probes.make("core.echo", ["n": 15]) { $0.replyTo = Conductor.laterReplyTo }
        let key = probe.key
        try await send(probe)
        let returned = await journal.wait(within: Self.patience) { entries -> Bool? in
            for entry in entries {
                if case .returned(let publication) = entry.event, publication.message.correlationID == key { return true }
            }
            return nil
        }
        // Where it is not mandatory, or goes elsewhere, that is found by itself.
        guard returned == true, await settlement(of: key, within: Self.watch) == nil else { return try await conductor.bindLater() }
        try await conductor.bindLater()
        var outcome = await arrival(of: key) { $0.isOutcome }
        if outcome == nil {
            // It may also wait for a new delivery.
            proxy.cut()
            outcome = await arrival(of: key, within: Self.reconnection) { $0.isOutcome }
        }
        guard outcome != nil, await settlement(of: key) != nil else {
            return note(.keepsUnconfirmed, false, "\(key), whose report came back (basic.return), was not reported again, and acknowledged")
        }
    }
}
