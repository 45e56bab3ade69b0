import BatonCoordinator
import BatonModel
import Foundation
import Testing

@Suite("Owners and roles", .timeLimit(.minutes(1)))
struct OwnedOperationsTests {
    static let identities: [Identity] = [
        Identity(name: "root", role: .admin), Identity(name: "shop", owner: "shop", role: .user),
        Identity(name: "bank", owner: "bank", role: .user), Identity(name: "shop-eyes", owner: "shop", role: .viewer),
        Identity(name: "bank-eyes", owner: "bank", role: .viewer), Identity(name: "all-eyes", role: .viewer),
        Identity(name: "prometheus", role: .metrics), Identity(name: "nobody", role: .user),
    ]

    @Test("each operation is open to those roles and owners that it is for, and to nobody else", arguments: OwnedOperation.all)
    func table(_ operation: OwnedOperation) async throws {
        for identity in Self.identities {
            let base = try await Self.shop()
            let asked = OwnedOperations(base, as: identity)
            do {
                try await operation.call(asked)
                #expect(operation.isOpen(to: identity), "\(identity.name) could do \(operation.name)")
            } catch let error as OperationError {
                #expect((error.code == .denied) != operation.isOpen(to: identity), "\(identity.name), \(operation.name): \(error)")
            }
        }
    }

    @Test("no operation is missing from the table")
    func complete() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/BatonCoordinator/Operations.swift").standardized
        let source = try String(contentsOf: file, encoding: .utf8)
        let body = try #require(source.split(separator: "public protocol Operations: Sendable {").last?.split(separator: "\n}\n").first)
        let declared = body.matches(of: /func (\w+)\(([^)]*)\)/).map { match in
            let labels = match.2.split(separator: ",").map { $0.split(whereSeparator: { " :".contains($0) })[0] + ":" }
            return "\(match.1)(\(labels.joined()))"
        }
        #expect(declared.count > 20)
        // Whether the service is well is for everybody.
        let table = Set(OwnedOperation.all.map(\.name) + ["health()"])
        #expect(Set(declared).subtracting(table) == [], "add these to OwnedOperation.all")
        #expect(table.subtracting(declared) == [], "these are no operations any more")
    }

    @Test("what is submitted belongs to whom the credentials say")
    func submission() async throws {
        let base = CannedOperations()
        let shop = OwnedOperations(base, as: Self.identities[1])
        #expect(try await shop.submit(Self.graph(nil)).owner == "shop")
        #expect(try await shop.submit(Self.graph("shop")).owner == "shop")
        let error = await #expect(throws: OperationError.self) { try await shop.submit(Self.graph("bank")) }
        #expect(error?.code == .denied)
        #expect(error?.description.contains("'bank'") == true)
        let root = OwnedOperations(base, as: Self.identities[0])
        #expect(try await root.submit(Self.graph("bank")).owner == "bank")
        #expect(try await root.submit(Self.graph(nil)).owner == nil)
        #expect(base.state.withLock { $0.runs.count } == 4)
    }

    @Test("lists and cancels by filter are held to the caller's owner")
    func filters() async throws {
        let base = try await Self.shop()
        let shop = OwnedOperations(base, as: Self.identities[1])
        _ = try await shop.runs(RunFilter(name: "order"), limit: 10, cursor: nil)
        _ = try await shop.cancel(CancelManyRequest(name: "order"))
        #expect(base.calls == [.list(RunFilter(name: "order", owner: "shop")), .cancel(CancelManyRequest(name: "order", owner: "shop"))])
        await denied { _ = try await shop.runs(RunFilter(owner: "bank"), limit: 10, cursor: nil) }
        await denied { _ = try await shop.cancel(CancelManyRequest(owner: "bank")) }
        #expect(base.calls.count == 2)
    }

    @Test("a cancel that only names runs stays one of these runs, and one of another owner's among them stops it")
    func namedCancel() async throws {
        let base = try await Self.shop()
        let shop = OwnedOperations(base, as: Self.identities[1])
        _ = try await shop.cancel(CancelManyRequest(runs: ["run-1", "ghost"]))
        #expect(base.calls == [.cancel(CancelManyRequest(runs: ["run-1", "ghost"]))])
        _ = try await base.submit(Self.graph("bank"))
        await denied { _ = try await shop.cancel(CancelManyRequest(runs: ["run-1", "run-2"])) }
        await denied { _ = try await shop.cancel(CancelManyRequest(tasks: [TaskReference(run: "run-2", task: "a")])) }
        #expect(base.calls.count == 1)
    }

    @Test("a new run of an own one is the caller's; a graph to go on with has the owner it was submitted with")
    func reuse() async throws {
        let base = try await Self.shop()
        let shop = OwnedOperations(base, as: Self.identities[1])
        _ = try await shop.copy("run-1", ReuseRequest())
        #expect(base.calls == [.make(.copy, "run-1", ReuseRequest(owner: "shop"))])
        await denied { _ = try await shop.copy("run-1", ReuseRequest(owner: "bank")) }
        let document = try JSON(parsing: #"{"name": "order", "tasks": [{"id": "a", "handler": "h"}]}"#)
        _ = try await shop.rerun("run-1", RerunRequest(graph: document))
        guard case .rerun("run-1", let request)? = base.calls.last else { return #expect(Bool(false), "no rerun was asked for") }
        #expect(request.graph?.value["owner"] == "shop")
    }

    @Test("schedules are their owner's, also in lists that others' stand in")
    func schedules() async throws {
        let base = CannedOperations()
        let (shop, bank) = (OwnedOperations(base, as: Self.identities[1]), OwnedOperations(base, as: Self.identities[2]))
        for number in 1...3 {
            _ = try await shop.createSchedule(try Self.schedule("shop-\(number)"))
            _ = try await bank.createSchedule(try Self.schedule("bank-\(number)"))
        }
        await denied { _ = try await bank.createSchedule(try Self.schedule("stolen", owner: "shop")) }
        await denied { _ = try await bank.schedule("shop-1") }
        await denied { _ = try await bank.changeSchedule("shop-1", ScheduleChange(paused: true)) }
        await denied { try await bank.removeSchedule("shop-1") }
        #expect(try await shop.schedule("shop-1").owner == "shop")
        var names: [String] = []
        var cursor: String?
        repeat {
            let page = try await shop.schedules(limit: 2, cursor: cursor)
            #expect(page.items.count <= 2)
            names += page.items.map(\.name)
            cursor = page.cursor
        } while cursor != nil
        #expect(names == ["shop-1", "shop-2", "shop-3"])
    }

    private func denied(_ body: () async throws -> Void) async {
        let error = await #expect(throws: OperationError.self) { try await body() }
        #expect(error?.code == .denied)
    }

    /// A coordinator with one run and one schedule, both of the owner `shop`.
    static func shop() async throws -> CannedOperations {
        let base = CannedOperations()
        _ = try await base.submit(graph("shop"))
        base.happen(.runCompleted, in: "run-1")
        _ = try await base.createSchedule(try schedule("nightly", owner: "shop"))
        return base
    }

    static func graph(_ owner: String?) -> Graph {
        Graph(name: "order", owner: owner, tasks: [TaskSpec(id: "a", handler: "core.echo", inputs: .emptyObject)])
    }

    static func schedule(_ name: String, owner: String? = nil) throws -> Schedule {
        let field = owner.map { #""owner": "\#($0)", "# } ?? ""
        let text = #"{"name": "\#(name)", "every": "1h", "graph": {\#(field)"name": "order", "tasks": [{"id": "a", "handler": "h"}]}}"#
        return try ScheduleReader.read(json: Array(text.utf8))
    }
}

/// An operation, whom it is for, and a call of it that concerns what the owner `shop` has.
struct OwnedOperation: Sendable, CustomTestStringConvertible {
    enum Kind: Sendable { case observe, list, make, read, change, administer }

    let name: String
    let kind: Kind
    let call: @Sendable (OwnedOperations) async throws -> Void

    init(_ name: String, _ kind: Kind, _ call: @escaping @Sendable (OwnedOperations) async throws -> Void) {
        self.name = name
        self.kind = kind
        self.call = call
    }

    var testDescription: String { name }

    func isOpen(to identity: Identity) -> Bool {
        if identity.role == .admin || kind == .observe { return true }
        // A user without an owner can't have come by credentials that are right.
        if identity.role == .metrics || (identity.role == .user && identity.owner == nil) { return false }
        let isOwn = identity.owner == nil || identity.owner == "shop"
        switch kind {
        case .observe, .list: return true
        case .make: return identity.role == .user
        case .read: return isOwn
        case .change: return isOwn && identity.role == .user
        case .administer: return false
        }
    }

    static let all: [OwnedOperation] = runs + reuse + schedules + cluster

    private static let runs: [OwnedOperation] = [
        .init("submit(_:)", .make) { _ = try await $0.submit(OwnedOperationsTests.graph(nil)) },
        .init("run(_:)", .read) { _ = try await $0.run("run-1") },
        .init("runs(_:limit:cursor:)", .list) { _ = try await $0.runs(RunFilter(), limit: 1, cursor: nil) },
        .init("tasks(of:status:limit:cursor:)", .read) { _ = try await $0.tasks(of: "run-1", status: nil, limit: 1, cursor: nil) },
        .init("task(_:of:)", .read) { _ = try await $0.task("a", of: "run-1") },
        .init("events(of:after:limit:)", .read) { _ = try await $0.events(of: "run-1", after: 0, limit: 1) },
        .init("nextEvents(of:after:limit:)", .read) { _ = try await $0.nextEvents(of: "run-1", after: 0, limit: 1) },
        .init("cancel(run:reason:)", .change) { _ = try await $0.cancel(run: "run-1", reason: nil) },
        .init("cancel(task:of:reason:)", .change) { _ = try await $0.cancel(task: "a", of: "run-1", reason: nil) },
        .init("cancel(_:)", .change) { _ = try await $0.cancel(CancelManyRequest(runs: ["run-1"])) },
        .init("answer(_:_:)", .change) { _ = try await $0.answer(AttemptID(run: "run-1", task: 0, number: 1), .heartbeat) },
    ]

    private static let reuse: [OwnedOperation] = [
        .init("rerun(_:_:)", .change) { _ = try await $0.rerun("run-1", RerunRequest()) },
        .init("copy(_:_:)", .change) { _ = try await $0.copy("run-1", ReuseRequest()) },
        .init("link(_:_:)", .change) { _ = try await $0.link("run-1", ReuseRequest()) },
        .init("archive(_:_:)", .change) { _ = try await $0.archive("run-1", ReuseRequest()) },
        .init("mixed(_:_:)", .change) { _ = try await $0.mixed("run-1", ReuseRequest(link: ["a"])) },
    ]

    private static let schedules: [OwnedOperation] = [
        .init("createSchedule(_:)", .make) { _ = try await $0.createSchedule(try OwnedOperationsTests.schedule("weekly")) },
        .init("schedule(_:)", .read) { _ = try await $0.schedule("nightly") },
        .init("schedules(limit:cursor:)", .list) { _ = try await $0.schedules(limit: 1, cursor: nil) },
        .init("changeSchedule(_:_:)", .change) { _ = try await $0.changeSchedule("nightly", ScheduleChange(paused: true)) },
        .init("removeSchedule(_:)", .change) { try await $0.removeSchedule("nightly") },
    ]

    private static let cluster: [OwnedOperation] = [
        .init("workers()", .observe) { _ = try await $0.workers() },
        .init("queues()", .observe) { _ = try await $0.queues() },
    ] + observing
}
