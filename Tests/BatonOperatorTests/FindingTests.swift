import AMQP
import BatonModel
import BatonOperator
import Testing

@Suite("What the doctor makes of what it sees", .timeLimit(.minutes(1)))
struct FindingTests {
    @Test(
        "RabbitMQ is fit from 3.10 on",
        arguments: [
            ("RabbitMQ", "3.10.8", Finding.Status.ok), ("RabbitMQ", "4.1.0-rc.1", .ok), ("RabbitMQ", "3.9.29", .problem),
            ("RabbitMQ", "2.8", .problem), ("RabbitMQ", "", .warning), ("RabbitMQ", "three", .warning), ("LavinMQ", "2.0", .warning),
        ])
    func version(product: String, version: String, status: Finding.Status) {
        let finding = ServerCheck.version(product, version)
        #expect(finding.status == status)
        #expect((finding.remedy == nil) == (status == .ok))
    }

    @Test("A capability that is missing is named")
    func capabilities() {
        #expect(ServerCheck.capabilities { _ in true }.status == .ok)
        let finding = ServerCheck.capabilities { $0 != "connection.blocked" }
        #expect(finding.status == .problem)
        #expect(finding.summary.contains("connection.blocked"))
    }

    @Test(
        "Clocks told in whole seconds agree within two, and are far apart from thirty on",
        arguments: [(0, Finding.Status.ok), (1, .ok), (-1, .ok), (4, .warning), (-5, .warning), (40, .problem), (-40, .problem)] as [(Int64, Finding.Status)])
    func clocks(seconds: Int64, status: Finding.Status) {
        let now = Timestamp(milliseconds: 1_700_000_000_500)
        let theirs = Timestamp(milliseconds: 1_700_000_000_000 + seconds * 1000)
        let finding = ClockCheck("clock", "the broker", seconds: theirs, between: now, now).finding
        #expect(finding.status == status, "\(finding)")
        if status != .ok { #expect(finding.summary.contains(seconds > 0 ? "ahead of" : "behind")) }
    }

    @Test("Queues are judged by what waits in them and who takes it")
    func depths() {
        #expect(DepthCheck.parking(0).status == .ok)
        #expect(DepthCheck.parking(1).status == .warning)
        #expect(DepthCheck.coordinators("baton.submit", messages: 0, consumers: 0).status == .problem)
        #expect(DepthCheck.coordinators("baton.submit", messages: 3, consumers: 1).status == .ok)
        #expect(DepthCheck.coordinators("baton.submit", messages: 50_000, consumers: 1).status == .warning)
        #expect(DepthCheck.workers("gpu", messages: 3, consumers: 0).status == .warning)
        #expect(DepthCheck.workers("gpu", messages: 0, consumers: 0).status == .ok)
    }

    @Test("Queued tasks whose handler no worker of their queue has are named")
    func handlers() {
        func worker(_ state: String, _ queue: QueueName, _ handler: HandlerName) -> WorkerView {
            WorkerView(
                id: "w", state: state, host: "h", handlers: [handler], queues: [queue], slots: 1, tags: [], running: 0,
                startedAt: Timestamp(milliseconds: 0), lastSeenAt: Timestamp(milliseconds: 0))
        }
        let task = TaskView(
            id: "t", handler: "work.a", status: .queued, queue: "default", priority: .normal, attempts: 0,
            maxAttempts: 1)
        #expect(CoordinatorCheck.unhandled([task], [worker("running", "default", "work.a")]).isEmpty)
        #expect(CoordinatorCheck.unhandled([task], [worker("running", "other", "work.a")]).count == 1)
        #expect(CoordinatorCheck.unhandled([task], [worker("silent", "default", "work.a")]).count == 1)
        #expect(CoordinatorCheck.unhandled([task, task], []).first?.summary.contains("2 queued tasks need the handler 'work.a'") == true)
    }

    @Test("Another version than ours, or none, is a warning")
    func versions() {
        #expect(CoordinatorCheck.version("1.0", ours: "1.0").status == .ok)
        #expect(CoordinatorCheck.version("1.1", ours: "1.0").status == .warning)
        #expect(CoordinatorCheck.version(nil, ours: "1.0").status == .warning)
    }

    @Test("The management API's nodes and policies are read, whatever they hold")
    func management() {
        let nodes: JSONValue = [
            ["name": "a", "running": true], ["name": "b", "running": false], ["name": "c", "running": true, "disk_free_alarm": true],
            ["name": "d", "running": true, "fd_used": 95, "fd_total": 100], "odd",
        ]
        #expect(ManagementCheck.nodes(nodes).map(\.status) == [.ok, .problem, .problem, .warning, .ok])
        #expect(ManagementCheck.nodes(.null).isEmpty)
        func policy(_ pattern: String, _ key: String) -> JSONValue {
            [["name": "p", "pattern": .string(pattern), "definition": [key: 1]]]
        }
        #expect(ManagementCheck.policies(policy(".*", "message-ttl"), namespace: "baton").status == .warning)
        #expect(ManagementCheck.policies(policy("^other", "message-ttl"), namespace: "baton").status == .ok)
        #expect(ManagementCheck.policies(policy(".*", "ha-mode"), namespace: "baton").status == .ok)
        #expect(ManagementCheck.policies(policy("(", "message-ttl"), namespace: "baton").status == .ok)
    }

    @Test("A password in an address is not shown")
    func password() {
        #expect(!ManagementCheck.withoutPassword("http://me:secret@rabbit:15672").contains("secret"))
    }

    @Test("Little room on the disk, or for files, is said")
    func machine() {
        #expect(MachineCheck.disk("f", free: 100 << 30).status == .ok)
        #expect(MachineCheck.disk("f", free: 1 << 30).status == .warning)
        #expect(MachineCheck.disk("f", free: 1 << 20).status == .problem)
        #expect(MachineCheck.files(256).status == .warning)
        #expect(MachineCheck.files(4096).status == .ok)
    }
}
