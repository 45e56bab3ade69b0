import BatonBroker
import BatonStore
import BatonTesting
import BatonWire
import Logging
import Synchronization
import Testing

@testable import BatonCoordinator

@Suite("A queue that is said not to answer", .timeLimit(.minutes(1)))
struct QueueRepairTests {
    /// What the broker does when it is asked.
    private enum Answer { case message, unavailable, never }

    private let topology = Topology()
    private let steps = Journal<String>()
    private let links = LinkStates()
    /// How many questions have no answer yet that will never have one.
    private let unanswered = Counter()

    private func repair(_ answer: Answer, isThere: Answer = .message, isStored: Bool = true) -> QueueRepair {
        var surroundings = Surroundings()
        surroundings.sleep = { [links, unanswered] time in
            // Before it all is done again.
            if time >= .seconds(30) { return links.end() }
            // The time for an answer is over once one is waited for that never comes.
            if time >= .seconds(5) {
                while unanswered.isZero {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            }
        }
        return QueueRepair(
            broker: OddBroker(answer: answer, isThere: isThere, steps: steps, unanswered: unanswered), topology: topology, links: links,
            surroundings: surroundings, logger: Logger(label: "test"),
            lost: { [steps] _ in
                steps.append("stored")
                return isStored
            },
            deleted: { [steps] in steps.append("missing \($0)") })
    }

    private var tasks: String { topology.tasksQueue(.default, .normal).name }

    @Test("one that can't be served is deleted, once what was in it is stored to be sent again")
    func silent() async throws {
        var rounds = 0
        for answer in [Answer.unavailable, .never] {
            for queue in [tasks, topology.reportsQueue(0).name] {
                rounds += 1
                repair(answer).suspect(queue)
                try await steps.wait(for: rounds) { $0 == "ended" }
                #expect(steps.all.filter { $0 != "asked" }.suffix(4) == ["stored", "deleted \(queue)", "missing \(queue)", "ended"])
                #expect(steps.all.count { $0 == "asked" } >= 3 * rounds)
            }
        }
    }

    @Test("one that answers is left alone")
    func answering() async throws {
        repair(.message).suspect(tasks)
        try await steps.first { $0 == "ended" }
        #expect(steps.all == ["asked", "ended"])
    }

    @Test("nothing is deleted while the broker itself doesn't answer")
    func away() async throws {
        repair(.unavailable, isThere: .never).suspect(tasks)
        try await steps.first { $0 == "ended" }
        #expect(steps.all == ["ended"])
    }

    @Test("nothing is deleted where it can't be stored that its messages are sent again")
    func unstored() async throws {
        repair(.unavailable, isStored: false).suspect(tasks)
        try await steps.first { $0 == "ended" }
        #expect(steps.all.filter { $0 != "asked" } == ["stored", "ended"])
    }

    @Test("that of submissions is never deleted, and is named")
    func submissions() async throws {
        links.set(publishing: .connected)
        links.set(consuming: .connected)
        repair(.unavailable).suspect(topology.submitQueue.name)
        try await steps.first { $0 == "ended" }
        #expect(steps.all.allSatisfy { $0 == "asked" || $0 == "ended" })
        #expect(links.problem?.contains(topology.submitQueue.name) == true)
    }

    @Test("others' queues are nobody's business")
    func others() {
        repair(.unavailable).suspect("elsewhere")
        #expect(steps.all.isEmpty)
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)

        var isZero: Bool { count.load(ordering: .relaxed) == 0 }

        func wait() async throws {
            count.add(1, ordering: .relaxed)
            defer { count.subtract(1, ordering: .relaxed) }
            try await Task.sleep(for: .seconds(3600))
        }
    }

    private struct OddBroker: Broker {
        let answer: Answer
        let isThere: Answer
        let steps: Journal<String>
        let unanswered: Counter

        func link(_ name: String) -> any BrokerLink { OddLink(broker: self) }
    }

    private struct OddLink: BrokerLink {
        let broker: OddBroker

        func run() async throws {
            try? await Task.sleep(for: .seconds(3600))
            broker.steps.append("ended")
        }

        func get(queue: String) async throws -> Delivery? {
            broker.steps.append("asked")
            if broker.answer == .unavailable { throw BrokerError(.unavailable, "it has no leader") }
            if broker.answer == .never { try await broker.unanswered.wait() }
            return nil
        }

        func depth(queue: String) async throws -> QueueDepth {
            if broker.isThere == .never { try await broker.unanswered.wait() }
            return QueueDepth(messages: 0, consumers: 0)
        }

        func delete(queue: String) async throws { broker.steps.append("deleted \(queue)") }

        func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void) {}
        func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) {}
        func declare(exchanges: [Exchange], queues: [Queue]) async throws {}
        func purge(queue: String) async throws {}
        func publish(_ publications: [Publication], outcome: @escaping @Sendable (Int, BrokerError?) -> Void) {}
        func consume(queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) async throws -> any Subscription {
            throw BrokerError(.closed, "nobody consumes here")
        }
    }
}

@Suite("What is kept in mind of cancelled attempts", .timeLimit(.minutes(1)))
struct CancelledAttemptsInMind {
    @Test("a message that was seen may have a copy: it stays for ten minutes, and for good where it is cancelled anew")
    func copies() {
        let status = CoreStatus()
        status.revoked(adding: ["a", "b"], removing: [], at: .zero)
        status.revoked(adding: [], removing: ["a", "b"], at: .seconds(1))
        status.revoked(adding: ["b"], removing: [], at: .seconds(2))
        status.revoked(adding: ["c"], removing: [], at: .seconds(600))
        #expect(status.revoked == ["a", "b", "c"])
        status.revoked(adding: ["d"], removing: [], at: .seconds(602))
        #expect(status.revoked == ["b", "c", "d"])
    }
}
