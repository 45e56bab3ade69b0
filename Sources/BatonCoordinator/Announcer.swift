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

    private struct Waits {
        var all: [String: Wait] = [:]
        /// Whoever has heeded this one has heeded those before it.
        var latest: String?
        /// Workers that hold what an earlier coordinator sent may not have said yet that they are there.
        var isSettling = false
    }

    private let link: any BrokerLink
    private let topology: Topology
    private let registry: WorkerRegistry
    private let status: CoreStatus
    private let cancelWait: Duration
    private let surroundings: Surroundings
    private let waits = Mutex(Waits())

    init(link: any BrokerLink, topology: Topology, registry: WorkerRegistry, status: CoreStatus, cancelWait: Duration, surroundings: Surroundings) {
        self.link = link
        self.topology = topology
        self.registry = registry
        self.status = status
        self.cancelWait = cancelWait
        self.surroundings = surroundings
    }

    /// An earlier coordinator has sent attempts that workers may hold: until they have had time to say so, nothing is known of them.
    func settle() { waits.withLock { $0.isSettling = true } }

    /// Has the workers announce themselves, and tells them what an earlier coordinator may not have come to tell.
    func announce() {
        send(.announce, to: nil)
        let revoked = status.revoked
        for first in stride(from: 0, to: revoked.count, by: Self.attemptsPerMessage) {
            let part = revoked[first..<min(first + Self.attemptsPerMessage, revoked.count)]
            send(.cancel(attempts: Array(part), reason: "cancelled"), to: nil)
        }
        surroundings.later(cancelWait) { self.waits.withLock { $0.isSettling = false } }
    }

    func tell(_ after: Batch.Aftermath, now: Timestamp) {
        if !after.leased.isEmpty { CrashPoint.leaseStored.pass() }
        for (worker, attempts) in after.leased.sorted(by: { $0.key < $1.key }) { send(.leased(attempts: attempts), to: topology.controlQueue(worker).name) }
        if !after.claims.isEmpty { CrashPoint.claimDecided.pass() }
        for (worker, claims) in after.claims.sorted(by: { $0.key < $1.key }) {
            send(.claimed(granted: claims.granted, refused: claims.refused), to: topology.controlQueue(worker).name)
        }
        if !after.welcomes.isEmpty {
            CrashPoint.beforeWelcome.pass()
            let revoked = status.revoked
            for (queue, message) in after.welcomes { welcome(queue, revoked, inAnswerTo: message) }
        }
        var answers: [@Sendable () -> Void] = []
        for (request, view, _) in after.cancels { answers.append { request.answer(.success(view)) } }
        if after.revoked.isEmpty { hold(answers) } else { revoke(after.revoked, answers, now) }
    }

    /// Nothing new is cancelled, but what was may not have been heard of yet: these answers hold no sooner than those before.
    private func hold(_ answers: [@Sendable () -> Void]) {
        if answers.isEmpty { return }
        let (isHeld, isSettling) = waits.withLock { waits in
            guard let latest = waits.latest, waits.all[latest] != nil else { return (false, waits.isSettling) }
            waits.all[latest]?.answers += answers
            return (true, false)
        }
        if isHeld { return }
        if isSettling { expect(Self.nobody, answers) } else { for answer in answers { answer() } }
    }

    /// Stands for workers that nothing is known of: it never answers.
    private static let nobody: Set<WorkerID> = [""]

    /// - Returns: the id that the workers answer with.
    @discardableResult
    private func expect(_ workers: Set<WorkerID>, _ answers: [@Sendable () -> Void]) -> String {
        let id = UUID().uuidString.lowercased()
        waits.withLock { waits in
            waits.all[id] = Wait(workers: waits.isSettling ? workers.union(Self.nobody) : workers, answers: answers)
            waits.latest = id
        }
        surroundings.later(cancelWait) { self.release(id) }
        return id
    }

    /// The answers go out once every worker that is alive has heard, or after a while without it: a worker that is cut off asks
    /// before it starts anything again.
    private func revoke(_ revoked: [(attempt: String, reason: String)], _ answers: [@Sendable () -> Void], _ now: Timestamp) {
        let workers = registry.alive(now: now)
        let isWaiting = !workers.isEmpty || waits.withLock(\.isSettling)
        // Where nobody asks, a later request may, and waits for these then.
        let id = isWaiting ? expect(workers, answers) : UUID().uuidString.lowercased()
        if !isWaiting { for answer in answers { answer() } }
        let messages = Dictionary(grouping: revoked, by: \.reason).sorted { $0.key < $1.key }.flatMap { reason, group in
            // In parts, so that no message grows with the number of tasks.
            stride(from: 0, to: group.count, by: Self.attemptsPerMessage).map { first in
                Control.cancel(
                    attempts: group[first..<min(first + Self.attemptsPerMessage, group.count)].map(\.attempt), reason: reason)
            }
        }
        CrashPoint.beforeCancelSent.pass()
        for (position, message) in messages.enumerated() {
            send(message, to: nil, id: position == messages.count - 1 ? id : nil)
        }
        CrashPoint.cancelSent.passSoon()
    }

    /// The worker starts nothing before the welcome, which comes last.
    private func welcome(_ queue: String, _ revoked: [String], inAnswerTo message: String?) {
        var rest = revoked[...]
        while rest.count > Self.attemptsPerMessage {
            send(.cancel(attempts: Array(rest.prefix(Self.attemptsPerMessage)), reason: "cancelled"), to: queue)
            rest = rest.dropFirst(Self.attemptsPerMessage)
        }
        send(.welcome(cancelled: Array(rest)), to: queue, inAnswerTo: message)
    }

    private static let attemptsPerMessage = 5000

    /// A worker has heeded a cancel, and those before it.
    func seen(_ id: String, by worker: WorkerID) {
        let answers = waits.withLock { waits -> [@Sendable () -> Void] in
            waits.all[id]?.workers.remove(worker)
            guard waits.all[id]?.workers.isEmpty == true else { return [] }
            return waits.all.removeValue(forKey: id)?.answers ?? []
        }
        for answer in answers { answer() }
    }

    private func release(_ id: String) {
        for answer in waits.withLock({ $0.all.removeValue(forKey: id)?.answers ?? [] }) { answer() }
    }

    /// - Parameter queue: one worker's own; `nil` for all.
    private func send(_ control: Control, to queue: String?, id: String? = nil, inAnswerTo question: String? = nil) {
        var message = control.message(id: id)
        message.correlationID = question
        let publication = Publication(
            exchange: queue == nil ? topology.control.name : "", routingKey: queue ?? "", message: message, isMandatory: false)
        link.publish([publication]) { _, _ in }
    }
}
