import BatonBroker
@testable import BatonCoordinator
import BatonModel
import BatonWire
import Synchronization
import Testing

@Suite("When cancels are acknowledged", .timeLimit(.minutes(1)))
struct AnnouncerTests {
    private let registry = WorkerRegistry(heartbeatInterval: .seconds(10))
    private let status = CoreStatus()
    private let link = KeepingLink()
    private let answers = Answers()
    private let now = Timestamp(milliseconds: 0)

    private final class Answers: Sendable {
        private let given = Mutex<[String]>([])
        var all: [String] { given.withLock(\.self) }
        func note(_ name: String) { given.withLock { $0.append(name) } }
    }

    private func announcer() -> Announcer {
        var surroundings = Surroundings()
        // Nobody is given up here.
        surroundings.sleep = { _ in try await Task.sleep(for: .seconds(3600)) }
        return Announcer(
            link: link, topology: Topology(), registry: registry, status: status, cancelWait: .seconds(2), surroundings: surroundings)
    }

    private func hear(of worker: WorkerID) {
        registry.note(
            WorkerAnnouncement(
                worker: worker, state: .running, handlers: [], queues: [.default], slots: 1, controlQueue: "c", host: "h", startedAt: now),
            now: now)
    }

    private func cancel(_ name: String, revoking attempts: [String]) -> Batch.Aftermath {
        var after = Batch.Aftermath()
        after.revoked = attempts.map { ($0, "enough") }
        let request = CancelRequest(run: "r", task: nil, reason: "enough") { [answers] _ in answers.note(name) }
        after.cancels = [(request, CancelView(run: "r", outcome: .cancelling, status: "running"), attempts: attempts)]
        return after
    }

    private var ids: [String] { link.messages.filter { $0.type == "cancel" }.compactMap(\.messageID) }

    @Test("a second cancel of the same holds no sooner than the first")
    func second() throws {
        let announcer = announcer()
        hear(of: "w")
        announcer.tell(cancel("first", revoking: ["r.0.1"]), now: now)
        announcer.tell(cancel("second", revoking: []), now: now)
        #expect(answers.all.isEmpty)
        announcer.seen(try #require(ids.last), by: "w")
        #expect(answers.all == ["first", "second"])
        announcer.tell(cancel("third", revoking: []), now: now)
        #expect(answers.all == ["first", "second", "third"])
    }

    @Test("a coordinator that took over from another one waits for workers that it doesn't know yet")
    func settling() throws {
        let announcer = announcer()
        announcer.settle()
        announcer.tell(cancel("first", revoking: ["r.0.1"]), now: now)
        announcer.tell(cancel("second", revoking: []), now: now)
        hear(of: "w")
        announcer.tell(cancel("third", revoking: ["r.1.1"]), now: now)
        announcer.seen(try #require(ids.last), by: "w")
        #expect(answers.all.isEmpty)
    }

    @Test("without workers a cancel holds at once")
    func alone() {
        announcer().tell(cancel("first", revoking: ["r.0.1"]), now: now)
        #expect(answers.all == ["first"])
    }

    @Test("a coordinator that begins tells workers what was cancelled before")
    func beginning() throws {
        status.revoked(replacingWith: ["r.0.1", "r.1.1"])
        announcer().announce()
        #expect(link.messages.map(\.type) == ["announce", "cancel"])
        guard case .cancel(let attempts, _) = try Control.read(try #require(link.messages.last)) else { return #expect(Bool(false)) }
        #expect(attempts == ["r.0.1", "r.1.1"])
    }
}

/// Keeps what is published over it.
private final class KeepingLink: BrokerLink {
    private let published = Mutex<[Message]>([])
    var messages: [Message] { published.withLock(\.self) }

    func run() async throws {}
    func onQueueEvent(_ handler: @escaping @Sendable (QueueEvent) -> Void) {}
    func onStateChange(_ handler: @escaping @Sendable (LinkState) -> Void) {}
    func declare(exchanges: [Exchange], queues: [Queue]) async throws {}
    func delete(queue: String) async throws {}
    func purge(queue: String) async throws {}
    func publish(_ publications: [Publication], outcome: @escaping @Sendable (Int, BrokerError?) -> Void) {
        published.withLock { $0 += publications.map(\.message) }
    }
    func consume(queue: String, prefetch: Int, handler: @escaping @Sendable (Delivery) -> Void) async throws -> any Subscription {
        throw BrokerError(.closed, "there is nothing to consume")
    }
    func get(queue: String) async throws -> Delivery? { nil }
    func depth(queue: String) async throws -> QueueDepth { QueueDepth(messages: 0, consumers: 0) }
}
