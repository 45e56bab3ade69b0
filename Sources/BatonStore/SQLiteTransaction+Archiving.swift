import BatonModel

/// A run once more, row by row within the database.
extension SQLiteTransaction {
    func archive(_ run: RunNumber, as header: RunHeader) throws -> RunNumber {
        try execute(
            """
            INSERT INTO runs (id, name, owner, key, correlation, digest, input, timeout, onFailure, created, family, parent, origin,
              kind, schedule, status, finished, counts, fraction, lastEvent, completions, endingStatus, endingError, traceparent,
              tracestate)
            SELECT ?, ?, ?, ?, ?, digest, input, ?, ?, ?, ?, ?, ?, ?, ?, status, finished, counts, fraction, lastEvent,
              completions, endingStatus, endingError, traceparent, tracestate
            FROM runs WHERE number = ?
            """,
            [
                header.id.rawValue, header.name, header.owner, header.key, header.correlationID, header.timeout?.milliseconds,
                header.onFailure.rawValue, header.createdAt.milliseconds, header.lineage.family.rawValue,
                header.lineage.parent?.description, header.lineage.origin?.rawValue, header.lineage.kind?.rawValue,
                header.lineage.schedule, run.rawValue,
            ])
        guard changedRows == 1 else { throw StoreError(.unusable, "there is no run with the number \(run.rawValue) to archive") }
        let archive = RunNumber(rawValue: lastRow)

        let (first, last) = Self.range(run)
        let shift = Self.range(archive).0 - first
        func copy(_ sql: StaticString) throws { try execute(sql, [shift, first, last]) }

        try copy(
            """
            INSERT INTO definitions (key, id, handler, queue, priority, parent, role, origin, number, settings, dependencies, params,
              inputs)
            SELECT key + ?, id, handler, queue, priority, parent, role, origin, number, settings, dependencies, params, inputs
            FROM definitions WHERE key BETWEEN ? AND ?
            """)
        // Where a message is, and what counts in a limit, is nothing to an archive: published, backlogged, held, permitted.
        try copy(
            """
            INSERT INTO tasks (key, status, flags, attempt, losses, timers, progress, worker, firstQueued, queued, started, finished,
              due, base, iteration, rejections, ordinal, grade)
            SELECT key + ?, status, flags & ~(16 | 32 | 128 | 256), attempt, losses, 0, progress, worker, firstQueued, queued,
              started, finished, due, base, iteration, rejections, ordinal, grade
            FROM tasks WHERE key BETWEEN ? AND ?
            """)
        try copy("INSERT INTO results (key, body) SELECT key + ?, body FROM results WHERE key BETWEEN ? AND ?")
        try copy("INSERT INTO errors (key, body) SELECT key + ?, body FROM errors WHERE key BETWEEN ? AND ?")
        try copy("INSERT INTO parts (key, part, body) SELECT key + ?, part, body FROM parts WHERE key BETWEEN ? AND ?")
        try copy("INSERT INTO attempts (key, number, body) SELECT key + ?, number, body FROM attempts WHERE key BETWEEN ? AND ?")
        try copy("INSERT INTO logs (key, attempt, number, body) SELECT key + ?, attempt, number, body FROM logs WHERE key BETWEEN ? AND ?")
        try copy("INSERT INTO items (key, number, task, body) SELECT key + ?, number, task, body FROM items WHERE key BETWEEN ? AND ?")
        try copy(
            """
            INSERT INTO loops (key, total, next, open, failed, firstFailure)
            SELECT key + ?, total, next, open, failed, firstFailure FROM loops WHERE key BETWEEN ? AND ?
            """)
        try copy("INSERT INTO links (key, source) SELECT key + ?, source FROM links WHERE key BETWEEN ? AND ?")
        try execute(
            """
            INSERT INTO events (key, at, type, task, attempt, data)
            SELECT key + ?, at, type, task, attempt, data FROM events WHERE key BETWEEN ? AND ?
            """,
            [(archive.rawValue - run.rawValue) << 32, run.rawValue << 32, run.rawValue << 32 | 0xFFFF_FFFF])
        return archive
    }
}
