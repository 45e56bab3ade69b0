import BatonBroker
import BatonCoordinator
import BatonModel
import BatonStore
import BatonTesting
import BatonWire
import Foundation
import Logging
import Testing

@Suite("One coordinator works in a namespace", .timeLimit(.minutes(1)))
struct NamespaceTests {
    @Test("a second one with a database of its own takes nothing, says why, and goes on when the first has gone")
    func second() async throws {
        try await withCoordinator { cluster in
            let folder = FileManager.default.temporaryDirectory.appending(path: "baton-second-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            cluster.register("work", .succeeding("r"))
            try await cluster.startWorker()
            let store = try SQLiteStore(path: folder.appending(path: "b.sqlite").path)
            defer { store.close() }
            let second = Coordinator(store: store, broker: cluster.broker, logger: Logger(label: "second") { _ in SwiftLogNoOpLogHandler() })
            let running = Task { try await second.run() }
            while await second.health().broker != "another coordinator works in this namespace" { await Task.yield() }
            let tasks = (0..<50).map { task(TaskID("t\($0)")) }
            let run = try await cluster.submit(Graph(name: "many", tasks: tasks))
            #expect(try await cluster.wait(run.id).counts == ["completed": 50])
            let own = try await second.submit(graph(task("mine")))
            #expect(try await second.run(own.id).counts == ["queued": 1])
            await cluster.stopCoordinator()
            var last = 0
            while let event = try await second.nextEvents(of: own.id, after: last, limit: 100).last { last = event.id }
            #expect(try await second.run(own.id).status == .completed)
            running.cancel()
            _ = await running.result
        }
    }
}
