import BatonModel
import Testing

@testable import BatonWire

@Suite("Topology", .timeLimit(.minutes(1)))
struct TopologyTests {
    @Test("names, kinds and bindings are those of the protocol")
    func names() {
        let topology = Topology()
        #expect(topology.exchanges.map(\.name) == [
            "baton.submit", "baton.tasks", "baton.reports", "baton.control", "baton.events", "baton.parking",
        ])
        #expect(topology.exchanges.map(\.kind) == [.topic, .direct, .direct, .fanout, .topic, .fanout])
        #expect(topology.submitQueue == Queue(
            name: "baton.submit", kind: .durable(deadLetters: "baton.parking"), bindings: [Binding(topology.submit, "#")]))
        #expect(topology.parkingQueue == Queue(
            name: "baton.parking", kind: .durable(deadLetters: nil), bindings: [Binding(topology.parking, "")]))
        #expect(topology.parkedQueue.name == "baton.parked")
        #expect(topology.reportsQueue(2) == Queue(
            name: "baton.reports.2", kind: .durable(deadLetters: "baton.parking"), bindings: [Binding(topology.reports, "2")]))
        #expect(Priority.allCases.map { topology.tasksQueue("money", $0).name } == [
            "baton.tasks.money.p0", "baton.tasks.money.p1", "baton.tasks.money.p2", "baton.tasks.money.p3",
        ])
        #expect(topology.tasksQueue(.default, .normal).bindings == [Binding(topology.tasks, "default.p2")])
        #expect(topology.controlQueue("w1") == Queue(name: "baton.control.w1", kind: .exclusive, bindings: [Binding(topology.control, "")]))
    }

    @Test("namespaces don't meet")
    func namespaces() {
        let other = Topology(namespace: "blue")
        #expect(Set(other.exchanges.map(\.name)).isDisjoint(with: Topology().exchanges.map(\.name)))
        #expect(other.tasksQueue("q", .low).name == "blue.tasks.q.p3")
        #expect(other.tasksQueue("q", .low).kind == .durable(deadLetters: "blue.parking"))
    }

    @Test("header names and content types are those of the protocol")
    func headerNames() {
        #expect([
            HeaderName.version, HeaderName.run, HeaderName.task, HeaderName.handler, HeaderName.attempt, HeaderName.maxAttempts, HeaderName.owner,
            HeaderName.deadline, HeaderName.heartbeat, HeaderName.worker, HeaderName.queue, HeaderName.priority, HeaderName.key, HeaderName.reply,
        ] == [
            "baton-protocol", "baton-run", "baton-task", "baton-handler", "baton-attempt", "baton-max-attempts", "baton-owner", "baton-deadline",
            "baton-heartbeat", "baton-worker", "baton-queue", "baton-priority", "baton-key", "baton-reply",
        ])
        #expect([ContentType.json, ContentType.yaml, ContentType.completion] == [
            "application/json", "application/yaml", "application/vnd.baton.completion+json",
        ])
        #expect(WireVersion.current == 1)
    }
}
