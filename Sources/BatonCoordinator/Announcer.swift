import BatonBroker
import BatonModel
import BatonWire
import Foundation
import Synchronization

/// Tells workers what has been decided, and waits for their word where a cancel is to be acknowledged.
///
/// Nothing of it is stored: a message that is lost is made good by heartbeats, claims and the welcome.
final class Announcer: Sendable {
    private struct Wait {
        var workers: Set<WorkerID>
        var answers: [@Sendable () -> Void]
    }

    private let link: any BrokerLink
    private let topology: Topology
    private let registry: WorkerRegistry
    private let status: CoreStatus
    private let cancelWait: Duration
    private let surroundings: Surroundings
    private let waits = Mutex<[String: Wait]>([:])

    init(link: any BrokerLink, topology: Topology, registry: WorkerRegistry, status: CoreStatus, cancelWait: Duration, surroundings: Surroundings) {
        self.link = link
        self.topology = topology
        self.registry = registry
        self.status = status
        self.cancelWait = cancelWait
        self.surroundings = surroundings
    }

    func announce() { send(.announce, to: nil) }

    func tell(_ after: Batch.Aftermath, now: Timestamp) {
        for (worker, attempts) in after.leased.sorted(by: { $0.key < $1.key }) { send(.leased(attempts: attempts), to: topology.controlQueue(worker).name) }
        for (worker, claims) in after.claims.sorted(by: { $0.key < $1.key }) {
            send(.claimed(granted: claims.granted, refused: claims.refused), to: topology.controlQueue(worker).name)
        }
        if !after.welcomes.isEmpty {
            let revoked = status.revoked
            for queue in after.welcomes { welcome(queue, revoked) }
        }
        guard !after.revoked.isEmpty else {
            for (request, view, _) in after.cancels { request.answer(.success(view)) }
            return
        }
        var answers: [@Sendable () -> Void] = []
        for (request, view, _) in after.cancels { answers.append { request.answer(.success(view)) } }
        revoke(after.revoked, answers, now)
    }

    /// The answers go out once every worker that is alive has heard, or after a while without it: a worker that is cut off asks
    /// before it starts anything again.
    private func revoke(_ revoked: [(attempt: String, reason: String)], _ answers: [@Sendable () -> Void], _ now: Timestamp) {
        let id = UUID().uuidString.lowercased()
        let workers = registry.alive(now: now)
        if workers.isEmpty || answers.isEmpty {
            for answer in answers { answer() }
        } else {
            waits.withLock { $0[id] = Wait(workers: workers, answers: answers) }
            surroundings.later(cancelWait) { self.release(id) }
        }
        let messages = Dictionary(grouping: revoked, by: \.reason).sorted { $0.key < $1.key }.flatMap { reason, group in
            // In parts, so that no message grows with the number of tasks.
            stride(from: 0, to: group.count, by: Self.attemptsPerMessage).map { first in
                Control.cancel(
                    attempts: group[first..<min(first + Self.attemptsPerMessage, group.count)].map(\.attempt), reason: reason)
            }
        }
        for (position, message) in messages.enumerated() {
            send(message, to: nil, id: position == messages.count - 1 ? id : nil)
        }
    }

    /// The worker starts nothing before the welcome, which comes last.
    private func welcome(_ queue: String, _ revoked: [String]) {
        var rest = revoked[...]
        while rest.count > Self.attemptsPerMessage {
            send(.cancel(attempts: Array(rest.prefix(Self.attemptsPerMessage)), reason: "cancelled"), to: queue)
            rest = rest.dropFirst(Self.attemptsPerMessage)
        }
        send(.welcome(cancelled: Array(rest)), to: queue)
    }

    private static let attemptsPerMessage = 5000

    /// A worker has heeded a cancel, and those before it.
    func seen(_ id: String, by worker: WorkerID) {
        let answers = waits.withLock { waits -> [@Sendable () -> Void] in
            waits[id]?.workers.remove(worker)
            guard waits[id]?.workers.isEmpty == true else { return [] }
            return waits.removeValue(forKey: id)?.answers ?? []
        }
        for answer in answers { answer() }
    }

    private func release(_ id: String) {
        for answer in waits.withLock({ $0.removeValue(forKey: id)?.answers ?? [] }) { answer() }
    }

    /// - Parameter queue: one worker's own; `nil` for all.
    private func send(_ control: Control, to queue: String?, id: String? = nil) {
        let publication = Publication(
            exchange: queue == nil ? topology.control.name : "", routingKey: queue ?? "", message: control.message(id: id),
            isMandatory: false)
        link.publish([publication]) { _, _ in }
    }
}
