import GRDB

/// The tables. A task's key is `run << 24 | index`, an event's `run << 32 | id`, so that a row is found by its number and the
/// rows of a run lie side by side.
enum SQLiteSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: """
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
                """)
        }
        return migrator
    }
}
