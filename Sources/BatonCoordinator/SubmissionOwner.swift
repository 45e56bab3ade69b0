import BatonBroker
import BatonModel
import BatonWire

/// Whose a submission by message is, by the routing key that the broker let its producer use.
struct SubmissionOwner {
    let topology: Topology
    /// Whether only a routing key can name an owner.
    let isRequired: Bool

    /// Gives the submission its owner.
    ///
    /// - Throws: `OperationError` `.denied` where the message names another one, or asks for an answer where it has no business;
    ///   `.badRequest` for a key that can't be read.
    func apply(to submission: inout Submission, of delivery: Delivery) throws(OperationError) {
        let named = [submission.graph.owner, delivery.message.headers.string(HeaderName.owner)].compactMap(\.self)
        let owner = try owner(of: delivery)
        if let owner, !PlainText.allows(owner) { throw OperationError(.badRequest, "the routing key's owner \(PlainText.explanation)") }
        try check(replyTo: submission.replyTo, owner)
        guard let owner else {
            guard isRequired, let other = named.first else { return }
            throw OperationError(
                .denied, "the submission names the owner '\(other)', but its routing key none: send it with the key '\(key(other, submission))'")
        }
        if let other = named.first(where: { $0 != owner }) {
            throw OperationError(
                .denied, "the submission names the owner '\(other)', but its routing key '\(owner)': leave the owner out, or name the same")
        }
        submission.graph.owner = owner
    }

    /// Whether a refusal may be told there.
    func allows(replyTo: String, of delivery: Delivery) -> Bool {
        do throws(OperationError) {
            try check(replyTo: replyTo, try owner(of: delivery))
            return true
        } catch {
            return false
        }
    }

    /// The key says something only of what its producer has published to the exchange itself. Nobody is held to the keys of exchanges
    /// of their own, nor to that by which a queue of theirs has the broker send its dead letters.
    private func owner(of delivery: Delivery) throws(OperationError) -> String? {
        let isDeadLetter = delivery.message.headers.fields.contains { Self.deathHeaders.contains($0.name) }
        guard delivery.exchange == topology.submit.name, !isDeadLetter else {
            guard isRequired else { return nil }
            let way = isDeadLetter ? "is a dead letter of some queue" : "came by the exchange '\(delivery.exchange)'"
            throw OperationError(
                .denied, "the submission \(way), so nothing vouches for its owner: publish it to '\(topology.submit.name)', without headers x-death")
        }
        do throws(WireError) {
            return try SubmitKey(delivery.routingKey).owner
        } catch {
            throw OperationError(.badRequest, error.description)
        }
    }

    /// The coordinator's account may publish where a producer's may not, so it must not be sent there by one: to the cluster's own
    /// queues, where an answer could pass for a report, or to another owner's queue for answers.
    private func check(replyTo: String?, _ owner: String?) throws(OperationError) {
        guard let replyTo else { return }
        if replyTo.hasPrefix("\(topology.namespace).") {
            throw OperationError(
                .denied, "reply_to is '\(replyTo)', which is a name of the cluster's own: name a queue that doesn't begin with '\(topology.namespace).'")
        }
        guard let owner, replyTo.hasPrefix(topology.replyPrefix) else { return }
        let own = topology.replyPrefix(of: owner)
        guard !replyTo.hasPrefix(own) else { return }
        throw OperationError(.denied, "reply_to is '\(replyTo)', but queues for the answers to '\(owner)' begin with '\(own)'")
    }

    private static let deathHeaders: Set<String> = ["x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason"]

    private func key(_ owner: String, _ submission: Submission) -> String {
        SubmitKey(owner: owner, name: submission.graph.name).description
    }
}
