import BatonWire

/// What the journal says of a worker's conduct as a whole, whatever was being checked at the time.
struct Conduct {
    let topology: Topology
    let entries: [Observation]

    /// Acknowledgements that came before the broker had confirmed a report.
    ///
    /// A message may also be let go for a stored lease, a refused claim, a cancel, or a confirmed copy among the parked.
    var earlyAcknowledgements: [Flaw] {
        var reported: Set<String> = []
        var returned: Set<String> = []
        var free: Set<String> = []
        var found: [Flaw] = []
        for entry in entries {
            switch entry.event {
            case .published(let publication) where publication.message.isOutcome:
                if let attempt = publication.message.correlationID { reported.insert(attempt) }
            case .returned(let publication) where publication.message.isOutcome:
                if let attempt = publication.message.correlationID { returned.insert(attempt) }
            case .confirmed(let publication):
                if publication.message.isOutcome, let attempt = publication.message.correlationID { free.insert(attempt) }
                if publication.exchange == topology.parking.name, let attempt = publication.message.messageID { free.insert(attempt) }
            case .told(.leased(let attempts)), .told(.cancel(let attempts, _)), .told(.welcome(let attempts)),
                .told(.claimed(_, let attempts)):
                free.formUnion(attempts)
            case .settled(let delivery, let settlement) where delivery.exchange == topology.tasks.name:
                guard let attempt = delivery.message.messageID, !free.contains(attempt) else { break }
                switch settlement {
                case .acknowledged:
                    let cause =
                        returned.contains(attempt)
                        ? "was acknowledged although its report came back (basic.return)"
                        : reported.contains(attempt)
                            ? "was acknowledged before the broker had confirmed its report" : "was acknowledged before it was reported"
                    found.append(Flaw(attempt: attempt, cause: cause))
                case .notNeeded: found.append(Flaw(attempt: attempt, cause: "was taken by a consumer without acknowledgements (no-ack)"))
                case .givenBack, .discarded: break
                }
            default: break
            }
        }
        return found
    }

    /// Outcomes that name another attempt than the one at hand, each in words.
    var strayOutcomes: [String] {
        var delivered: Set<String> = []
        var open: [Observation.Delivered] = []
        var confirmed: Set<String> = []
        var found: [String] = []
        for entry in entries {
            switch entry.event {
            case .delivered(let delivery) where delivery.exchange == topology.tasks.name:
                guard let attempt = delivery.message.messageID else { break }
                delivered.insert(attempt)
                open.append(delivery)
            case .confirmed(let publication) where publication.message.isOutcome:
                if let attempt = publication.message.correlationID { confirmed.insert(attempt) }
            case .settled(let delivery, _): open.removeAll { $0.isSame(as: delivery) }
            case .disconnected(let connection): open.removeAll { $0.connection == connection }
            case .published(let publication) where publication.message.isOutcome:
                guard let attempt = publication.message.correlationID else { break }
                if !delivered.contains(attempt) {
                    found.append("an outcome names \(attempt), which was not delivered")
                } else if confirmed.contains(attempt), !open.contains(where: { $0.message.messageID == attempt }) {
                    let names = Set(open.compactMap(\.message.messageID)).sorted().joined(separator: ", ")
                    found.append("\(attempt) was reported again after its end, while \(names.isEmpty ? "none" : names) was at hand")
                }
            default: break
            }
        }
        return found
    }

    /// Reports that could be lost on their way, or go to nobody.
    var unsafeOutcomes: [Flaw] {
        var replyTo: [String: String] = [:]
        var found: [Flaw] = []
        for entry in entries {
            switch entry.event {
            case .delivered(let delivery) where delivery.exchange == topology.tasks.name:
                if let attempt = delivery.message.messageID { replyTo[attempt] = delivery.message.replyTo }
            case .published(let publication):
                guard let attempt = publication.message.correlationID, publication.exchange != topology.parking.name,
                    publication.message.isOutcome || replyTo[attempt] != nil
                else { break }
                found += flaws(of: publication, attempt, replyTo[attempt]).map { Flaw(attempt: attempt, cause: $0) }
            default: break
            }
        }
        return found
    }

    private func flaws(of publication: Observation.Published, _ attempt: String, _ replyTo: String?) -> [String] {
        var found: [String] = []
        let message = publication.message
        if message.type == nil { found.append("was reported without a type") }
        if publication.exchange != topology.reports.name {
            found.append("was reported to exchange '\(publication.exchange)', not '\(topology.reports.name)'")
        } else if let replyTo, publication.routingKey != replyTo {
            found.append("was reported with the routing key '\(publication.routingKey)', not its reply_to '\(replyTo)'")
        }
        guard message.isOutcome else { return found }
        if publication.number == nil { found.append("was reported on a channel that asks for no confirms (confirm.select)") }
        if !publication.isMandatory { found.append("was reported by a message that is not mandatory") }
        if !message.isPersistent { found.append("was reported with a delivery_mode that is not 2") }
        return found
    }

    /// The reports of attempts, of every type.
    var reports: [Message] {
        entries.compactMap { entry in
            guard case .published(let publication) = entry.event, publication.exchange == topology.reports.name,
                publication.message.type != WorkerMessage.announcementType, publication.message.type != WorkerMessage.seenType
            else { return nil }
            return publication.message
        }
    }
}
