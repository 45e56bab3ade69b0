import BatonWire

/// What the journal says of a worker's conduct as a whole, whatever was being checked at the time.
struct Conduct {
    let topology: Topology
    let entries: [Observation]

    /// Acknowledgements that came before the broker had confirmed a report, each in words.
    ///
    /// A message may also be let go for a stored lease, a refused claim, a cancel, or a confirmed copy among the parked.
    var earlyAcknowledgements: [String] {
        var reported: Set<String> = []
        var free: Set<String> = []
        var found: [String] = []
        for entry in entries {
            switch entry.event {
            case .published(let publication) where publication.message.isOutcome:
                if let attempt = publication.message.correlationID { reported.insert(attempt) }
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
                    found.append(
                        reported.contains(attempt)
                            ? "\(attempt) was acknowledged before the broker had confirmed its report"
                            : "\(attempt) was acknowledged before it was reported")
                case .notNeeded: found.append("\(attempt) was taken by a consumer without acknowledgements (no-ack)")
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

    /// Reports that could be lost on their way, each in words.
    var unsafeOutcomes: [String] {
        entries.compactMap { entry -> String? in
            guard case .published(let publication) = entry.event, publication.message.isOutcome else { return nil }
            var missing: [String] = []
            if publication.number == nil { missing.append("its channel asks for no confirms (confirm.select)") }
            if !publication.isMandatory { missing.append("it is not mandatory") }
            if !publication.message.isPersistent { missing.append("its delivery_mode is not 2") }
            if publication.exchange != topology.reports.name {
                missing.append("it goes to exchange '\(publication.exchange)', not '\(topology.reports.name)'")
            }
            guard !missing.isEmpty else { return nil }
            return "the report of \(publication.message.correlationID ?? "no attempt"): \(missing.joined(separator: ", "))"
        }
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
