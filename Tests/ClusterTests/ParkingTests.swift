import BatonModel
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ClusterTests {
    @Suite struct ParkingTests {
        @Test("What can't be read is listed with reason, origin and time, shown whole, and dropped only when that is confirmed", .timeLimit(.minutes(2)))
        func unreadable() async throws {
            try await withCluster(workers: 0) { cluster in
                let parking = Parking(cluster)
                #expect(try await parking.list().isEmpty)
                let start = Timestamp.now
                let messages: [BrokerPeer.Message] = [
                    .init(type: "graph", body: [0xff, 0xfe, 0x00]),
                    .init(type: "riddle", messageID: "riddle-1", headers: ["custom": "kept"], body: Array(#"{"n": 12345678901234567890123}"#.utf8)),
                    .init(type: "graph", headers: ["baton-protocol": "99"], body: Array("{}".utf8)),
                ]
                for message in messages { try await cluster.withPeer { try await $0.submit(message) } }
                try await eventually("three parked messages") { try await parking.list().count == 3 ? () : nil }
                // It has to work without a coordinator.
                try await cluster.coordinator.crash()
                let items = try await parking.list()
                for item in items {
                    #expect(item["reason"]?.string?.isEmpty == false)
                    #expect(item["from"]?.string == "\(cluster.namespace).submit")
                    let time = try #require(item["parkedAt"]?.string.flatMap { Timestamp($0) })
                    #expect(time - start > .seconds(-1) && time - start < .seconds(60))
                }
                #expect(items.map { $0["size"]?.int } == messages.map(\.body.count))
                let ids = items.compactMap { $0["id"]?.string }
                #expect(Set(ids).count == 3)
                #expect(ids[1] == "riddle-1")
                #expect(try await parking.list("--newest").compactMap { $0["id"]?.string } == ids.reversed())
                #expect(try await parking.list("--limit", "1").count == 1)
                #expect(try await parking.list("--reason", "PROTOCOL").compactMap { $0["id"]?.string } == [ids[2]])
                #expect(try await parking.list("--from", "elsewhere").isEmpty)

                let shown = try await parking.run("show", "riddle-1")
                for word in ["riddle", "custom", "kept", "12345678901234567890123", "application/json"] {
                    #expect(shown.output.contains(word), "\(shown.output)")
                }
                let whole = try JSON(parsing: try await parking.run("show", "riddle-1", "--json").output)
                #expect(whole.fields?.first { $0.name == "body" }?.value.description == #"{"n":12345678901234567890123}"#)
                #expect(try await parking.run("show", ids[0]).output.contains("fffe00"))
                #expect(try await parking.run("show", "nothing").status == 2)

                let unasked = try await parking.run("drop", "riddle-1")
                #expect(unasked.status == 2, "\(unasked.output)")
                #expect(unasked.output.contains("--yes"))
                #expect(try await parking.list().count == 3)
                #expect(try await parking.run("drop", "riddle-1", "--yes").status == 0)
                #expect(try await parking.list().compactMap { $0["id"]?.string } == [ids[0], ids[2]])
                #expect(try await parking.run("drop", "riddle-1", "--yes").status == 1)
                #expect(try await parking.run("drop", "--all", "--reason", "protocol", "--yes").status == 0)
                #expect(try await parking.list().compactMap { $0["id"]?.string } == [ids[0]])
            }
        }

        @Test("Looking again and again, also two at once, neither loses nor reorders messages, and being killed meanwhile loses none", .timeLimit(.minutes(3)))
        func looking() async throws {
            try await withCluster(workers: 0) { cluster in
                let parking = Parking(cluster)
                let names = (0..<40).map { "m-\($0)" }
                try await cluster.withPeer { peer in
                    for name in names { try await peer.park(.init(type: "odd", messageID: name, body: Array(name.utf8))) }
                }
                func expectAll() async throws {
                    let found = try await parking.list("--limit", "1000").compactMap { $0["id"]?.string }
                    #expect(found == names)
                }
                for round in 0..<25 {
                    if round % 8 == 3 {
                        async let first = parking.list("--limit", "1000")
                        async let second = parking.list("--limit", "1000")
                        let both = try await [first, second]
                        for items in both { #expect(items.compactMap { $0["id"]?.string } == names) }
                    } else {
                        #expect(try await parking.list("--limit", "7").compactMap { $0["id"]?.string } == Array(names.prefix(7)))
                    }
                }
                try await expectAll()
                // A broker may mix up what a killed program held.
                for round in 0..<5 {
                    let program = try cluster.program("killed-\(round)", try parking.words("list", "--newest"))
                    try await ContinuousClock().sleep(for: .milliseconds(Int.random(in: 20...200)))
                    try await program.crash()
                }
                let left = try await eventually("all messages") {
                    let found = try await parking.list("--limit", "1000").compactMap { $0["id"]?.string }
                    return found.count == names.count ? found : nil
                }
                #expect(Set(left) == Set(names))
            }
        }

        @Test("A dead letter tells who gave it up; replayed, it runs to its end", .timeLimit(.minutes(2)))
        func replay() async throws {
            try await withCluster(workers: 1) { cluster in
                let parking = Parking(cluster)
                try await cluster.coordinator.crash()
                let document = graph("replayed", [step("one")])
                try await cluster.withPeer { peer in
                    try await peer.submit(.init(type: "graph", messageID: "s-1", body: JSON(document).bytes))
                    try await peer.reject(from: "\(cluster.namespace).submit")
                }
                let item = try #require(try await parking.list().first)
                #expect(item["from"]?.string == "\(cluster.namespace).submit")
                #expect(item["reason"]?.string?.contains("rejected") == true)
                let time = try #require(item["parkedAt"]?.string.flatMap { Timestamp($0) })
                #expect(Timestamp.now - time < .seconds(60))
                #expect(try await parking.run("replay", "s-1").status == 0)
                #expect(try await parking.list().isEmpty)
                try await cluster.startCoordinator()
                let run = try await eventually("the run") { try await cluster.api.runs().first }
                try await cluster.api.recorded(run.id)
                #expect(run.name == "replayed")
                #expect(try await parking.list().isEmpty)
            }
        }

        @Test("An attempt that was given up fails its task; replaying it runs the task again, once (E9)", .timeLimit(.minutes(2)))
        func attempt() async throws {
            try await withCluster(workers: 0) { cluster in
                let parking = Parking(cluster)
                let run = try await cluster.api.submit(graph("poisoned", [step("one", "core.echo", inputs: ["x": 1]), step("two", after: ["one"])]))
                try await cluster.withPeer { try await $0.reject(from: "\(cluster.namespace).tasks.default.p2") }
                let failed = try await cluster.api.end(of: run.id)
                #expect(failed.status == .failed)
                #expect(try await cluster.api.task("one", of: run.id).error?.type == TaskError.Kind.poisoned)
                let item = try #require(try await parking.list().first)
                #expect(item["task"]?.string == "one")
                #expect(item["from"]?.string == "\(cluster.namespace).tasks.default.p2")
                let id = try #require(item["id"]?.string)
                // Nothing is lost where the coordinator isn't there to run it again.
                let alone = try await parking.run("replay", id, "--server", "http://127.0.0.1:1")
                #expect(alone.status == 1)
                #expect(alone.output.contains("stays parked"), "\(alone.output)")
                #expect(try await parking.list().count == 1)
                let replayed = try await parking.run("replay", id, "--server", cluster.api.base)
                #expect(replayed.status == 0, "\(replayed.output)")
                #expect(try await parking.list().isEmpty)
                try await cluster.startWorker()
                try await eventually("the run's second end") { try await cluster.api.run(run.id).status == .completed ? () : nil }
                #expect(try await cluster.api.task("one", of: run.id).status == .completed)
                #expect(try await cluster.api.task("two", of: run.id).status == .completed)
            }
        }
    }
}

/// `baton parking` on a cluster's broker.
private struct Parking: Sendable {
    let cluster: Cluster

    init(_ cluster: Cluster) { self.cluster = cluster }

    func words(_ words: String...) throws -> [String] { [try Repository.baton()] + arguments(words) }

    private func arguments(_ words: [String]) -> [String] {
        ["parking"] + words + ["--amqp-url", cluster.broker.url, "--namespace", cluster.namespace]
    }

    func run(_ words: String...) async throws -> (status: Int32, output: String) { try await cluster.baton(arguments(words)) }

    func list(_ words: String...) async throws -> [JSONValue] {
        let answer = try await cluster.baton(arguments(["list", "--json"] + words))
        guard answer.status == 0 else { throw Failure("baton parking list: \(answer.output)") }
        return try JSON(parsing: answer.output).value["items"]?.array ?? []
    }
}
