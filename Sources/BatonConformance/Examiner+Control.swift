import BatonModel
import BatonWire
import Foundation

/// Level 3: a worker that the coordinator can stop, and that holds long tasks by a lease.
extension Examiner {
    func examineControl() async throws {
        judgeAnnouncement()
        await examineAnnounce()
        try await examineCancel()
        try await examineCancelledBefore()
        try await examineWelcome()
        try await examineClaims()
        try await examineLease()
    }

    private func announcements(from start: Int = 0) -> [(index: Int, WorkerAnnouncement)] {
        journal.entries.enumerated().dropFirst(start).compactMap { index, entry in
            guard case .arrived(let message) = entry.event, case .announcement(let announcement)? = try? WorkerMessage.read(message)
            else { return nil }
            return (index, announcement)
        }
    }

    private func judgeAnnouncement() {
        guard let (asked, first) = announcements().first else {
            note(.announcesItself, false, "no announcement (type 'worker') came")
            return note(.waitsForWelcome, false, "it never asked for a welcome")
        }
        let own = conductor.topology.controlQueue(first.worker).name
        note(
            .announcesItself, first.state == .starting && first.controlQueue == own && NameRule.allows(first.worker.rawValue),
            !NameRule.allows(first.worker.rawValue)
                ? "its id '\(first.worker)' is not \(NameRule.explanation)"
                : first.controlQueue != own
                ? "its controlQueue is '\(first.controlQueue)', not '\(own)'" : "its first announcement says '\(first.state.rawValue)'")
        let early = journal.entries.prefix { if case .told(.welcome) = $0.event { false } else { true } }
            .dropFirst(asked).compactMap { entry -> String? in
                guard case .published(let publication) = entry.event, publication.message.isOutcome || publication.message.type == "started"
                else { return nil }
                return "\(publication.message.inWords) of \(publication.message.correlationID ?? "") came before the welcome"
            }
        note(.waitsForWelcome, problems: early, otherwise: "nothing was started before the welcome")
    }

    private func examineAnnounce() async {
        let start = journal.end
        await conductor.tell(.announce)
        let again = await journal.wait(from: start, within: Self.patience) { entries -> Bool? in
            for entry in entries {
                if case .arrived(let message) = entry.event, message.type == WorkerMessage.announcementType { return true }
            }
            return nil
        }
        note(.answersAnnounce, again == true, again == true ? "it announced itself again when asked" : "'announce' got no answer")
    }

    // MARK: - Cancel

    private func examineCancel() async throws {
        let probe = probes.make("core.sleep", ["seconds": 15], heartbeat: .seconds(2))
        try await send(probe)
        let isRunning = await arrival(of: probe.key) { !$0.isOutcome } != nil
        let start = journal.end
        let id = UUID().uuidString.lowercased()
        await conductor.tell(.cancel(attempts: [probe.key], reason: "told by the examiner"), id: id)
        let outcome = await arrival(of: probe.key, from: start, within: .seconds(8)) { $0.isOutcome }
        let settled = outcome == nil ? nil : await settlement(of: probe.key)
        let isStopped = outcome?.type == "cancelled" && settled != nil
        note(
            .cancelsRunning, isRunning && isStopped,
            !isRunning
                ? "core.sleep gave no sign of having started" : isStopped
                    ? "core.sleep was stopped and reported as cancelled" : "within 8 s of the cancel of a running core.sleep: \(outcome.inWords)")
        try await answersCancel(id, start)
    }

    private func answersCancel(_ id: String, _ start: Int) async throws {
        let seen = await journal.wait(from: start, within: .seconds(2)) { entries -> Bool? in
            for entry in entries {
                if case .arrived(let message) = entry.event, case .seen(id, _)? = try? WorkerMessage.read(message) { return true }
            }
            return nil
        }
        note(
            .answersCancel, seen == true,
            seen == true ? "'seen' named the cancel's message_id" : "no 'seen' with the cancel's message_id as its correlation_id came")
    }

    /// The cancel comes first, as it does where a message waits in its queue.
    private func examineCancelledBefore() async throws {
        let probe = probes.make("core.echo", ["n": 11])
        let start = journal.end
        let id = UUID().uuidString.lowercased()
        await conductor.tell(.cancel(attempts: [probe.key], reason: nil), id: id)
        try await answersCancel(id, start)
        let outcome = try await outcome(of: probe)
        await judgeDropped(.dropsCancelled, probe, outcome, "a waiting attempt that was cancelled")
    }

    private func judgeDropped(_ check: Check, _ probe: Probe, _ outcome: Message?, _ what: String) async {
        let settled = await settlement(of: probe.key)
        let isStarted = conduct.reports.contains {
            $0.correlationID == probe.key && ($0.type == "started" || $0.type == "completed" || $0.type == "failed")
        }
        let isDropped = !isStarted && settled != nil && outcome?.type == "cancelled"
        note(
            check, isDropped,
            isDropped ? "\(what) was reported as cancelled and never started" : "\(what) was to be reported as cancelled; seen: \(outcome.inWords)")
    }

    /// What was cancelled while the worker was away is in the welcome.
    private func examineWelcome() async throws {
        let probe = probes.make("core.echo", ["n": 12])
        conductor.welcome(with: [probe.key])
        let start = journal.end
        proxy.cut()
        try await send(probe)
        guard await reconnection(from: start) else {
            return note(.heedsWelcome, false, "it did not come back within \(Self.reconnection.inSeconds)")
        }
        let outcome = await arrival(of: probe.key) { $0.isOutcome }
        await judgeDropped(.heedsWelcome, probe, outcome, "an attempt that the welcome names")
    }

    // MARK: - Claims and leases

    private func examineClaims() async throws {
        let granted = probes.make("core.echo", ["n": 13], needsClaim: true)
        var problems: [String] = []
        let outcome = try await outcome(of: granted)
        if outcome?.type != "completed" { problems.append("a granted claim was to be executed; seen: \(outcome.inWords)") }
        if await arrival(of: granted.key, within: .zero, { $0.type == "claim" }) == nil {
            problems.append("a message with \(HeaderName.claim) was started without a claim")
        }
        let refused = probes.make("core.echo", ["n": 14], needsClaim: true)
        conductor.refuse(refused.key)
        try await send(refused)
        if await settlement(of: refused.key) == nil { problems.append("a message whose claim was refused was not acknowledged") }
        if await arrival(of: refused.key, within: Self.watch, { $0.isOutcome }) != nil {
            problems.append("an attempt whose claim was refused was executed")
        }
        note(.asksBeforeStart, problems: problems, otherwise: "claims were made, and their answers heeded")
    }

    private func examineLease() async throws {
        let heartbeat = Duration.milliseconds(1500)
        let seconds = leaseAfter / .seconds(1) + 4
        let probe = probes.make("core.sleep", ["seconds": .number(seconds)], heartbeat: heartbeat)
        let key = probe.key
        try await send(probe)
        guard await arrival(of: key, within: leaseAfter + Self.patience, { $0.type == "lease" }) != nil else {
            let why =
                "no lease was asked for within \((leaseAfter + Self.patience).inSeconds), of a task of "
                + "\(Duration.seconds(seconds).inSeconds), with a BATON_LEASE_AFTER of \(leaseAfter.inSeconds)"
            return note(.leases, false, why)
        }
        let outcome = await arrival(of: key, within: .seconds(Int64(seconds)) + Self.patience) { $0.isOutcome }
        var order: [String] = []
        for entry in journal.entries {
            switch entry.event {
            case .told(.leased(let attempts)) where attempts.contains(key): order.append("leased")
            case .settled(let delivery, .acknowledged) where delivery.message.messageID == key: order.append("ack")
            case .published(let publication) where publication.message.correlationID == key && publication.message.isOutcome:
                order.append("outcome")
            default: break
            }
        }
        var problems: [String] = []
        let leased = order.firstIndex(of: "leased") ?? order.endIndex
        let acknowledged = order.firstIndex(of: "ack") ?? order.endIndex
        let ended = order.firstIndex(of: "outcome") ?? order.endIndex
        if acknowledged < leased { problems.append("its message was acknowledged before 'leased'") }
        if acknowledged > ended { problems.append("its message was not acknowledged after 'leased', while it ran") }
        if outcome?.type != "completed" { problems.append("the leased task was to complete; seen: \(outcome.inWords)") }
        if let silence = longestSilence(of: key), silence.time > heartbeat {
            problems.append("a leased attempt was silent for \(silence.time.inSeconds) of \(heartbeat.inSeconds) allowed")
        }
        note(.leases, problems: problems, otherwise: "the lease was asked for, its message then acknowledged, and heartbeats went on")
    }
}
