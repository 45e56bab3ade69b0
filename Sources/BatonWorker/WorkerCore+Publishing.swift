import BatonBroker
import BatonModel
import BatonWire
import Logging

extension WorkerCore {
    /// Publishes until confirmed, with growing pauses where the broker refuses; then calls back. Where the link ends first, it
    /// never calls back: the message behind it is delivered again to somebody.
    func send(_ outgoing: Outgoing, tries: Int = 1) {
        publishing.publish([outgoing.publication]) { [self] _, error in
            guard let error else { return outgoing.confirmed() }
            if error.code == .closed { return }
            let level: Logger.Level = tries == 1 ? .warning : .debug
            logger.log(
                level: level, "a report was not taken; it is sent again",
                metadata: [LogKey.error: "\(error)", "try": "\(tries)"])
            act { state in
                state.retries.add(outgoing, tries: tries + 1, now: time.now())
                state.remind(state.retries.next)
            }
        }
    }

    func sendOutcome(_ content: Report.Content, _ attempt: Attempt) {
        attempt.withLog { for lines in $0.close() { sendNote(Report.log(lines), attempt) } }
        attempt.withProgress { if let progress = $0.close() { sendNote(.progress(progress), attempt) } }
        let publication = report(attempt.report(content, by: id), to: attempt.message.replyTo)
        send(Outgoing(publication: publication) { [self] in confirmed(attempt) })
        CrashPoint.reportHandedOver.pass()
    }

    func sendNote(_ content: Report.Content, _ attempt: Attempt) {
        let publication = report(attempt.report(content, by: id), to: attempt.message.replyTo)
        publishing.publish([publication]) { [logger] _, error in
            if let error { logger.debug("a report was lost", metadata: [LogKey.error: "\(error)", LogKey.attempt: "\(attempt.key)"]) }
            if case .lease = content, error == nil { CrashPoint.leaseSent.pass() }
        }
    }

    func sendUnstarted(_ content: Report.Content, _ offer: Offer) {
        let message = Report(content, of: offer.message.attempt, by: id).message(task: offer.message.task)
        send(Outgoing(publication: report(message, to: offer.message.replyTo)) { [self] in
            CrashPoint.refusalConfirmed.pass()
            offer.delivery.acknowledge()
            act { state in
                state.intake.unconfirmed -= 1
                state.apply(state.intake.eased(), self)
            }
        })
    }

    func sendProgress(_ progress: Report.Progress, _ attempt: Attempt) {
        attempt.withProgress { if let progress = $0.report(progress) { publishProgress(progress, attempt) } }
    }

    /// Within the lock of what it is taken from, as `publishLog`: so each leaves before what comes after it, above all the outcome.
    private func publishProgress(_ progress: Report.Progress, _ attempt: Attempt) {
        let publication = report(attempt.report(.progress(progress), by: id), to: attempt.message.replyTo)
        publishing.publish([publication]) { [self] _, _ in
            attempt.withProgress { if let next = $0.sent() { publishProgress(next, attempt) } }
        }
    }

    func sendLog(_ line: LogLine, _ attempt: Attempt) {
        attempt.withLog { if let lines = $0.add(line) { publishLog(lines, attempt) } }
    }

    private func publishLog(_ lines: [LogLine], _ attempt: Attempt) {
        let publication = report(attempt.report(Report.log(lines), by: id), to: attempt.message.replyTo)
        publishing.publish([publication]) { [self] _, _ in
            attempt.withLog { if let next = $0.sent() { publishLog(next, attempt) } }
        }
    }

    func sendClaim(_ offer: Offer, _ isRedelivered: Bool) {
        var message = Report(.claim(redelivered: isRedelivered), of: offer.message.attempt, by: id)
            .message(task: offer.message.task)
        message.replyTo = topology.controlQueue(id).name
        message.isPersistent = false
        publishing.publish([report(message, to: offer.message.replyTo)]) { [logger] _, error in
            if let error { return logger.debug("a claim was lost", metadata: [LogKey.error: "\(error)"]) }
            CrashPoint.claimSent.pass()
        }
    }

    func sendSeen(_ controlID: String, _ routingKey: String) {
        let message = WorkerMessage.seen(controlID: controlID, worker: id).message
        publishing.publish([report(message, to: routingKey)]) { _, _ in }
    }

    func announce(_ announced: WorkerAnnouncement.State, running: [String]) {
        let unserved = state.withLock { $0.absences.unserved }
        publishing.publish([announcement(of: announced, running: running, unserved: unserved)]) { [self] _, error in
            guard let error else { return state.withLock { $0.absences.told(unserved: unserved) } }
            logger.debug(
                "the announcement reached nobody", metadata: [LogKey.state: "\(announced)", LogKey.error: "\(error)"])
        }
    }

    func question(_ number: Int) -> String { "\(id).\(number)" }

    func announcement(
        of announced: WorkerAnnouncement.State, running: [String], missing: Set<String> = [], unserved: Set<String> = []
    ) -> Publication {
        let announcement = WorkerAnnouncement(
            worker: id, state: announced, handlers: registry.announced, queues: configuration.queues,
            slots: configuration.slots, tags: configuration.tags, running: running,
            controlQueue: topology.controlQueue(id).name, host: host, startedAt: startedAt,
            missing: missing.isEmpty ? nil : missing.sorted(), unserved: unserved.isEmpty ? nil : unserved.sorted())
        var message = WorkerMessage.announcement(announcement).message
        message.messageID = question(state.withLock(\.session.questions))
        return report(message, to: topology.reportsKey(0))
    }

    /// What can't be read goes to the operators, and is off the queue once it is there.
    func park(_ delivery: Delivery, from queue: String, reason: String) {
        logger.warning("a message can't be read: parked", metadata: [LogKey.queue: "\(queue)", LogKey.reason: "\(reason)"])
        var message = delivery.message
        message.isPersistent = true
        message.headers[HeaderName.parkedReason] = .string(reason)
        message.headers[HeaderName.parkedFrom] = .string(queue)
        if message.headers[HeaderName.parkedAt] == nil {
            message.headers[HeaderName.parkedAt] = .integer(time.wall().milliseconds)
        }
        let publication = Publication(exchange: topology.parking.name, routingKey: delivery.routingKey, message: message)
        send(Outgoing(publication: publication) { delivery.acknowledge() })
    }

    private func report(_ message: Message, to routingKey: String) -> Publication {
        Publication(exchange: topology.reports.name, routingKey: routingKey, message: message)
    }
}
