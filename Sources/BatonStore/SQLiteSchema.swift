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
        migrator.registerMigration("2") { db in
            try db.execute(sql: lineage + addedTasks + payloads + shared)
        }
        migrator.registerMigration("3") { db in
            try db.execute(sql: observed)
        }
        return migrator
    }

    /// Where runs come from.
    private static let lineage = """
        ALTER TABLE runs ADD COLUMN family TEXT NOT NULL DEFAULT '';
        ALTER TABLE runs ADD COLUMN parent TEXT;
        ALTER TABLE runs ADD COLUMN origin TEXT;
        ALTER TABLE runs ADD COLUMN kind TEXT;
        ALTER TABLE runs ADD COLUMN schedule TEXT;
        ALTER TABLE runs ADD COLUMN completions INTEGER NOT NULL DEFAULT 0;
        UPDATE runs SET family = id;
        CREATE INDEX runs_family ON runs (family);
        CREATE INDEX runs_parent ON runs (parent) WHERE parent IS NOT NULL;
        CREATE INDEX runs_origin ON runs (origin) WHERE origin IS NOT NULL;
        CREATE INDEX runs_schedule ON runs (schedule) WHERE schedule IS NOT NULL;
        DROP INDEX runs_open;
        CREATE INDEX runs_open ON runs (status, schedule) WHERE status IN ('running', 'compensating');

        """

    /// Tasks that runs add. `grade` is 0 for the tasks of the document, 1 for added ones that count among the run's tasks, and
    /// 2 for others. The partial indices hold few rows at a time: what is with the broker, what is under way, what went wrong.
    /// Settings become the text of a task, where they were that of a graph with this one task.
    private static let addedTasks = """
        ALTER TABLE definitions RENAME COLUMN hook TO role;
        ALTER TABLE definitions RENAME COLUMN hookOf TO origin;
        ALTER TABLE definitions ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
        UPDATE definitions SET settings = json_extract(settings, '$.tasks[0]') WHERE settings IS NOT NULL;
        CREATE INDEX definitions_compensations ON definitions (key) WHERE role = 'compensation';

        ALTER TABLE tasks ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tasks ADD COLUMN iteration INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tasks ADD COLUMN rejections INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tasks ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tasks ADD COLUMN grade INTEGER NOT NULL DEFAULT 0;
        UPDATE tasks SET grade = 2 WHERE key IN (SELECT key FROM definitions WHERE role IS NOT NULL);
        CREATE INDEX tasks_added ON tasks (key) WHERE grade > 0 AND status < 5;
        CREATE INDEX tasks_counted ON tasks (key) WHERE grade = 1;
        CREATE INDEX tasks_needed ON tasks (key) WHERE grade = 1 AND (status IN (6, 7) OR flags & 32768);
        CREATE INDEX tasks_published ON tasks (key) WHERE status IN (2, 3) AND flags & 16;
        CREATE INDEX tasks_remarkable ON tasks (key) WHERE grade < 2 AND status IN (6, 8);

        """

    private static let payloads = """
        CREATE TABLE parts (
          key INTEGER NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID;
        INSERT INTO parts SELECT key, 0, body FROM checkpoints;
        DROP TABLE checkpoints;
        CREATE TABLE items (
          key INTEGER NOT NULL, number INTEGER NOT NULL, task INTEGER, body BLOB NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;
        CREATE TABLE loops (
          key INTEGER PRIMARY KEY, total INTEGER NOT NULL, next INTEGER NOT NULL, open INTEGER NOT NULL, failed INTEGER NOT NULL,
          firstFailure TEXT);
        CREATE TABLE links (key INTEGER PRIMARY KEY, source INTEGER NOT NULL);

        """

    /// What tasks of all runs share, and schedules.
    private static let shared = """
        CREATE TABLE gates (
          name TEXT PRIMARY KEY, inside INTEGER NOT NULL, used INTEGER NOT NULL, periodStart INTEGER) WITHOUT ROWID;
        CREATE TABLE held (
          gate TEXT NOT NULL, number INTEGER NOT NULL, key INTEGER NOT NULL, attempt INTEGER NOT NULL,
          PRIMARY KEY (gate, number)) WITHOUT ROWID;
        CREATE TABLE passes (key INTEGER NOT NULL, gate TEXT NOT NULL, PRIMARY KEY (key, gate)) WITHOUT ROWID;
        CREATE TABLE breakers (
          handler TEXT PRIMARY KEY, failures INTEGER NOT NULL, openUntil INTEGER, probe TEXT) WITHOUT ROWID;
        CREATE TABLE kept (digest TEXT NOT NULL UNIQUE, expiry INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX kept_expiry ON kept (expiry);
        CREATE TABLE alarms (name TEXT PRIMARY KEY, due INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX alarms_due ON alarms (due);
        CREATE TABLE schedules (
          name TEXT PRIMARY KEY, document BLOB NOT NULL, series BLOB NOT NULL, due INTEGER, lastRun TEXT,
          created INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX schedules_due ON schedules (due) WHERE due IS NOT NULL;
        """

    /// What people look at, how long it is kept, and what they have stopped. `purged` holds the runs that are gone for those who
    /// ask, and whose rows are being removed little by little.
    private static let observed = """
        ALTER TABLE runs ADD COLUMN traceparent TEXT;
        ALTER TABLE runs ADD COLUMN tracestate TEXT;
        CREATE INDEX runs_ended ON runs (status, finished) WHERE finished IS NOT NULL AND kind IS NOT 'archive';
        CREATE INDEX links_source ON links (source);
        CREATE TABLE purged (number INTEGER PRIMARY KEY);
        CREATE TABLE logs (
          key INTEGER NOT NULL, attempt INTEGER NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (key, attempt, number)) WITHOUT ROWID;
        CREATE TABLE handlers (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE pauses (queue TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE hooks (handler TEXT PRIMARY KEY, names TEXT NOT NULL) WITHOUT ROWID;
        """
}
