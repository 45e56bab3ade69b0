import BatonModel
import Foundation

/// What tasks of all runs share: gates, breakers, kept results; and schedules.
extension SQLiteTransaction {
    func put(_ gate: Gate) throws {
        if gate.inside == 0, gate.used == 0 { return try execute("DELETE FROM gates WHERE name = ?", [gate.name]) }
        try execute(
            "INSERT OR REPLACE INTO gates (name, inside, used, periodStart) VALUES (?, ?, ?, ?)",
            [gate.name, gate.inside, gate.used, gate.periodStart?.milliseconds])
    }

    func gate(_ name: String) throws -> Gate? {
        try first("SELECT inside, used, periodStart FROM gates WHERE name = ?", [name]).map { row in
            Gate(name: name, inside: row[0], used: row[1], periodStart: Self.time(row, 2))
        }
    }

    func hold(_ entry: ReadyTask, at gate: String) throws {
        try execute(
            "INSERT OR REPLACE INTO held (gate, number, key, attempt) VALUES (?, ?, ?, ?)",
            [gate, entry.number, Self.key(entry.key), entry.attempt])
    }

    func takeHeld(at gate: String) throws -> ReadyTask? {
        let next = try first(
            """
            SELECT held.number, held.key, held.attempt FROM held
            JOIN tasks ON tasks.key = held.key AND status = 2 AND tasks.attempt = held.attempt AND flags & 128
            WHERE gate = ? ORDER BY number LIMIT 1
            """, [gate]
        ).map(Self.readyTask)
        // Those before it wait no longer; where there is none, all of them.
        try execute("DELETE FROM held WHERE gate = ? AND number <= ?", [gate, next?.number ?? .max])
        return next
    }

    func addPass(_ gate: String, of key: TaskKey) throws {
        try execute("INSERT OR IGNORE INTO passes (key, gate) VALUES (?, ?)", [Self.key(key), gate])
    }

    func removePasses(of key: TaskKey) throws {
        try execute("DELETE FROM passes WHERE key = ?", [Self.key(key)])
    }

    func passes(of key: TaskKey) throws -> [String] {
        try texts("SELECT gate FROM passes WHERE key = ? ORDER BY gate", [Self.key(key)])
    }

    func put(_ breaker: Breaker, of handler: HandlerName) throws {
        if breaker == Breaker() { return try execute("DELETE FROM breakers WHERE handler = ?", [handler.rawValue]) }
        try execute(
            "INSERT OR REPLACE INTO breakers (handler, failures, openUntil, probe) VALUES (?, ?, ?, ?)",
            [handler.rawValue, breaker.failures, breaker.openUntil?.milliseconds, breaker.probe?.description])
    }

    func breaker(of handler: HandlerName) throws -> Breaker? {
        try first("SELECT failures, openUntil, probe FROM breakers WHERE handler = ?", [handler.rawValue]).map { row in
            Breaker(failures: row[0], openUntil: Self.time(row, 1), probe: (row[2] as String?).flatMap { AttemptID($0) })
        }
    }

    func keep(_ result: JSON, under digest: String, until expiry: Timestamp) throws {
        try execute(
            "INSERT OR REPLACE INTO kept (digest, expiry, body) VALUES (?, ?, ?)", [digest, expiry.milliseconds, result.bytes])
    }

    func kept(_ digest: String, at time: Timestamp) throws -> JSON? {
        try first("SELECT body FROM kept WHERE digest = ? AND expiry > ?", [digest, time.milliseconds]).flatMap { Self.json($0, 0) }
    }

    func forgetResults(before time: Timestamp) throws {
        try execute("DELETE FROM kept WHERE expiry <= ?", [time.milliseconds])
    }
}

// MARK: - Schedules

extension SQLiteTransaction {
    func put(_ schedule: StoredSchedule) throws {
        try execute(
            "INSERT OR REPLACE INTO schedules (name, document, series, due, lastRun, created) VALUES (?, ?, ?, ?, ?, ?)",
            [
                schedule.name, Self.blob(schedule.document), Self.blob(schedule.series), schedule.due?.milliseconds,
                schedule.lastRun?.rawValue, schedule.createdAt.milliseconds,
            ])
    }

    func removeSchedule(_ name: String) throws {
        try execute("DELETE FROM schedules WHERE name = ?", [name])
    }

    func schedule(_ name: String) throws -> StoredSchedule? {
        try schedules("SELECT name, document, series, due, lastRun, created FROM schedules WHERE name = ?", [name]).first
    }

    func schedules(limit: Int, after name: String?) throws -> [StoredSchedule] {
        try schedules(
            "SELECT name, document, series, due, lastRun, created FROM schedules WHERE name > ? ORDER BY name LIMIT ?",
            [name ?? "", limit])
    }

    private func schedules(_ sql: StaticString, _ arguments: SQLiteArguments) throws -> [StoredSchedule] {
        let rows = try rows(sql, arguments)
        var schedules: [StoredSchedule] = []
        while let row = try rows.next() {
            schedules.append(
                StoredSchedule(
                    name: row[0], document: Self.json(row, 1) ?? .null, series: Self.json(row, 2) ?? .null, due: Self.time(row, 3),
                    lastRun: (row[4] as String?).map(RunID.init(rawValue:)), createdAt: Timestamp(milliseconds: row[5])))
        }
        return schedules
    }

    func openRuns(of schedule: String) throws -> Int {
        try first(
            """
            SELECT count(*) FROM runs INDEXED BY runs_open
            WHERE status IN ('running', 'compensating') AND schedule = ?
            """, [schedule])?[0] ?? 0
    }
}
