import BatonModel
import BatonStore
import Foundation
import GRDB
import Testing

/// That databases of earlier versions are brought up to date with what is in them.
@Suite("Migrations", .timeLimit(.minutes(1)))
struct MigrationTests {
    /// As version 1 made it; must never change.
    private static let version1 = """
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1');
        CREATE TABLE runs (
          number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, owner TEXT, key TEXT,
          correlation TEXT NOT NULL, digest BLOB NOT NULL, input BLOB, timeout INTEGER, onFailure TEXT NOT NULL,
          created INTEGER NOT NULL, reply TEXT,
          status TEXT NOT NULL, finished INTEGER, counts TEXT NOT NULL, fraction REAL NOT NULL,
          lastEvent INTEGER NOT NULL, endingStatus TEXT, endingError BLOB);
        CREATE UNIQUE INDEX runs_key ON runs (ifnull(owner, ''), key) WHERE key IS NOT NULL;
        CREATE INDEX runs_name ON runs (name);
        CREATE INDEX runs_correlation ON runs (correlation);
        CREATE INDEX runs_open ON runs (status) WHERE status = 'running';
        CREATE TABLE definitions (
          key INTEGER PRIMARY KEY, id TEXT NOT NULL, handler TEXT NOT NULL, queue TEXT NOT NULL,
          priority INTEGER NOT NULL, parent TEXT, hook TEXT, hookOf INTEGER, settings TEXT,
          dependencies TEXT, params BLOB, inputs BLOB);
        CREATE UNIQUE INDEX definitions_id ON definitions (key >> 24, id);
        CREATE TABLE tasks (
          key INTEGER PRIMARY KEY, status INTEGER NOT NULL, flags INTEGER NOT NULL, attempt INTEGER NOT NULL,
          losses INTEGER NOT NULL, timers INTEGER NOT NULL, progress REAL NOT NULL, worker TEXT,
          firstQueued INTEGER, queued INTEGER, started INTEGER, finished INTEGER, due INTEGER);
        CREATE TABLE results (key INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE errors (key INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE checkpoints (key INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE attempts (
          key INTEGER NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;
        CREATE TABLE events (
          key INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, task INTEGER, attempt INTEGER, data BLOB);
        CREATE TABLE timers (
          key INTEGER NOT NULL, kind INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (key, kind)) WITHOUT ROWID;
        CREATE INDEX timers_due ON timers (due);
        CREATE TABLE backlog (
          queue TEXT NOT NULL, priority INTEGER NOT NULL, number INTEGER NOT NULL, key INTEGER NOT NULL,
          attempt INTEGER NOT NULL, PRIMARY KEY (queue, priority, number)) WITHOUT ROWID;
        CREATE TABLE outbox (
          number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key INTEGER NOT NULL, attempt INTEGER NOT NULL, note TEXT);
        CREATE TABLE revoked (attempt TEXT PRIMARY KEY) WITHOUT ROWID;
        """

    /// One run: a task that failed, its hook with the broker, and a task that waits for its second attempt.
    private static let data = #"""
        INSERT INTO runs VALUES (7, 'r1', 'order', NULL, 'k', 'c', x'01', x'7B7D', 60000, 'stop', 1000, NULL, 'running', NULL,
          '0,0,1,0,0,0,1,0,0', 0, 1, NULL, NULL);
        INSERT INTO definitions VALUES (7 << 24, 't0', 'h', 'default', 2, NULL, NULL, NULL,
          '{"name":"g","tasks":[{"id":"t","handler":"h","critical":false}]}', NULL, NULL, NULL);
        INSERT INTO definitions VALUES ((7 << 24) + 1, 't1', 'h', 'q', 1, NULL, NULL, NULL,
          '{"name":"g","tasks":[{"id":"t","handler":"h","delay":"5s"}]}', '[[0,"finished","t0"],[0,"failed","why"]]', NULL, x'31');
        INSERT INTO definitions VALUES ((7 << 24) + 2, 't0.onFailed', 'h', 'default', 2, NULL, 'onFailed', 0, NULL, NULL, NULL, NULL);
        INSERT INTO tasks VALUES (7 << 24, 6, 0, 1, 0, 0, 0, 'w', 1, 2, 3, 4, NULL);
        INSERT INTO tasks VALUES ((7 << 24) + 1, 2, 32, 2, 1, 0, 0, NULL, 1, 2, NULL, NULL, NULL);
        INSERT INTO tasks VALUES ((7 << 24) + 2, 2, 16, 1, 0, 0, 0, NULL, 1, 2, NULL, NULL, NULL);
        INSERT INTO errors VALUES (7 << 24, '{"type":"e","message":"m"}');
        INSERT INTO checkpoints VALUES ((7 << 24) + 1, '{"at":3}');
        INSERT INTO attempts VALUES ((7 << 24) + 1, 1, '{"number":1,"status":"lost"}');
        INSERT INTO events VALUES ((7 << 32) + 1, 1000, 'run.submitted', NULL, NULL, NULL);
        INSERT INTO timers VALUES ((7 << 24) + 1, 1, 5000);
        INSERT INTO backlog VALUES ('q', 1, 3, (7 << 24) + 1, 2);
        INSERT INTO outbox VALUES (4, 1, (7 << 24) + 16777215, 0, NULL);
        INSERT INTO revoked VALUES ('r1.0.1');
        """#

    @Test("a database of version 1 goes on with all that is in it")
    func fromVersion1() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "baton-migration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "baton.sqlite").path
        let earlier = try DatabaseQueue(path: path)
        try earlier.write { db in try db.execute(sql: Self.version1 + Self.data) }
        try earlier.close()

        let store = try SQLiteStore(path: path)
        defer { store.close() }
        let loaded = try #require(try store.read { try $0.load("r1") })
        let number = RunNumber(rawValue: 7)
        #expect(loaded.run.number == number && loaded.run.header.key == "k" && loaded.run.header.lineage == Lineage(family: "r1"))
        #expect(loaded.run.progress[.failed] == 1 && loaded.run.progress.lastEvent == 1 && loaded.run.progress.completions == 0)
        #expect(loaded.nodes.map(\.id) == ["t0", "t1"] && !loaded.nodes[0].critical && loaded.nodes[1].start == .after(.seconds(5)))
        #expect(loaded.tasks.map(\.status) == [.failed, .queued] && loaded.tasks[0].worker == "w" && loaded.tasks[1].losses == 1)
        #expect(loaded.count == 3 && loaded.added.keys.sorted() == [2])
        #expect(loaded.added[2]?.node.role == .onFailed && loaded.added[2]?.node.origin == 0)
        try store.write { transaction in
            let data = try #require(try transaction.dispatch(TaskKey(number, 1)))
            #expect(data.parts == [.checkpoint: JSON(["at": 3])] && data.lastAttempt?.status == "lost" && data.spec.inputs == JSON(1))
            #expect(data.spec.dependencies == [Dependency("t0", on: .finished), Dependency("t0", on: .failed, as: "why")])
            #expect(data.dependencies.map(\.error?.type) == ["e", "e"])
            #expect(try transaction.dispatch(TaskKey(number, 2))?.origin?.error?.type == "e")
            let levels = try transaction.levels()
            #expect(levels.first { $0.level == QueueLevel(.default, .normal) }?.published == 1)
            #expect(levels.first { $0.level == QueueLevel("q", .high) }?.waiting == 1)
            #expect(try transaction.lastNumbers() == (4, 3))
            #expect(try transaction.dueTimers(by: Timestamp(milliseconds: 5000), limit: 9).map(\.key.task) == [1])
            #expect(try transaction.runs(RunFilter(family: "r1"), limit: 9, before: nil).count == 1)
            #expect(try transaction.task("t0.onFailed", of: number)?.view.causedBy == "t0")
            #expect(try transaction.events(of: number, id: "r1", after: 0, limit: 9).map(\.type) == [.runSubmitted])
            #expect(try transaction.revoked() == ["r1.0.1"] && transaction.outbox().map(\.content) == [.outcome(number)])
        }
    }
}
