import BatonModel
import Foundation

/// Tasks as a whole, and what their messages are made of.
extension SQLiteTransaction {
    func definitions(of run: RunNumber) throws -> [TaskDefinition] {
        let (first, last) = Self.range(run)
        let rows = try rows(
            text: "SELECT \(Self.specColumns) FROM definitions WHERE key BETWEEN ? AND ? ORDER BY key", [first, last])
        var settings = SettingsCache()
        var definitions: [TaskDefinition] = []
        var edges: [[StoredDependency]] = []
        while let row = try rows.next() {
            let definition = try Self.definition(row, &settings)
            if definition.role != nil { break }
            let own = try StoredDependency.read(row[8])
            definitions.append(TaskDefinition(definition.spec, dependencies: own.map(\.index)))
            edges.append(own)
        }
        for (index, own) in edges.enumerated() where !own.isEmpty {
            definitions[index].spec.dependencies = own.map { entry in
                entry.dependency(on: definitions.indices.contains(entry.index) ? definitions[entry.index].spec.id : "?")
            }
        }
        return definitions
    }

    func dependencies(_ key: TaskKey) throws -> [Dependency] {
        let row = try first("SELECT dependencies FROM definitions WHERE key = ?", [Self.key(key)])
        return try dependencies(StoredDependency.read(row?[0]), of: key.run)
    }

    private func dependencies(_ stored: [StoredDependency], of run: RunNumber) throws -> [Dependency] {
        try zip(stored, ids(of: stored, in: run)).map { $0.dependency(on: $1) }
    }

    /// The tasks' ids in their order, by one query however many there are.
    func ids(of dependencies: [StoredDependency], in run: RunNumber) throws -> [TaskID] {
        if dependencies.isEmpty { return [] }
        let rows = try rows(
            "SELECT definitions.id FROM json_each(?1) AS place LEFT JOIN definitions ON definitions.key = ?2 + place.value",
            [Self.list(of: dependencies), Self.range(run).0])
        var ids: [TaskID] = []
        ids.reserveCapacity(dependencies.count)
        while let row = try rows.next() { ids.append(TaskID((row[0] as String?) ?? "?")) }
        return ids
    }

    private static func list(of dependencies: [StoredDependency]) -> String {
        "[" + dependencies.lazy.map { String($0.index) }.joined(separator: ",") + "]"
    }

    func dispatch(_ key: TaskKey) throws -> DispatchData? {
        guard let row = try first(text: Self.dispatchQuery, [Self.key(key)]) else { return nil }
        let state = Self.state(row)
        let own = try stored(row, at: Self.taskColumnCount + 1)
        let parts = (row[Self.taskColumnCount] as Int) == 0 ? [:] : try parts(of: key)
        guard let run = try header(of: key.run) else { return nil }
        var data = DispatchData(
            run: run, spec: own.spec, state: state, dependencies: [], parts: parts, role: own.role,
            number: own.number)
        let line = try line(from: own, in: key.run)
        if let source = line.last { data.dependencies = try inputs(source.edges, of: key.run) }
        data.spec.dependencies = line.count == 1 ? data.dependencies.map(\.dependency) : try dependencies(own.edges, of: key.run)
        if own.role != nil, own.origin >= 0 {
            let origin = line.count > 1 ? line[1] : try stored(TaskKey(key.run, own.origin))
            let inputs = line.count == 2 ? data.dependencies : nil
            if let origin { data.origin = try self.origin(own.origin, origin, inputs, key.run) }
        }
        if let place = line.firstIndex(where: { $0.role == .item }) {
            data.item = try item(line[place].number, of: TaskKey(key.run, line[place].origin))
            data.itemNumber = line[place].number
            data.loop = place + 1 < line.count ? line[place + 1].spec : nil
        }
        if state.attempt > 1 || state.base > 0 {
            data.lastAttempt = try first(
                "SELECT body FROM attempts WHERE key = ? ORDER BY number DESC LIMIT 1", [Self.key(key)]
            ).flatMap { Self.json($0, 0) }.map { try $0.decode() }
        }
        return data
    }

    /// The task, and those it was added for, up to the one with the dependencies whose results it gets.
    private func line(from own: StoredTask, in run: RunNumber) throws -> [StoredTask] {
        var line = [own]
        // What is added for what was added: a hook of an item, and not much more.
        while line.count < 16, let last = line.last, let role = last.role, !role.counts, last.origin >= 0,
            let origin = try stored(TaskKey(run, last.origin))
        {
            line.append(origin)
        }
        return line
    }

    private func origin(
        _ index: Int, _ stored: StoredTask, _ inputs: [DispatchData.Input]?, _ run: RunNumber
    ) throws -> DispatchData.Origin {
        let key = TaskKey(run, index)
        var spec = stored.spec
        spec.dependencies = try inputs?.map(\.dependency) ?? dependencies(stored.edges, of: run)
        return DispatchData.Origin(
            index: index, spec: spec, result: try result(key), error: try error(key), draft: try part(.draft, key))
    }

    private func inputs(_ dependencies: [StoredDependency], of run: RunNumber) throws -> [DispatchData.Input] {
        if dependencies.isEmpty { return [] }
        let rows = try rows(
            """
            SELECT d.id, t.status, t.finished, iif(t.status = 5, r.body, NULL), iif(t.status = 5, NULL, e.body)
            FROM json_each(?1) AS place
            LEFT JOIN definitions d ON d.key = ?2 + place.value
            LEFT JOIN tasks t ON t.key = d.key
            LEFT JOIN links l ON l.key = d.key
            LEFT JOIN results r ON r.key = ifnull(l.source, d.key)
            LEFT JOIN errors e ON e.key = d.key
            """, [Self.list(of: dependencies), Self.range(run).0])
        var inputs: [DispatchData.Input] = []
        inputs.reserveCapacity(dependencies.count)
        while inputs.count < dependencies.count, let row = try rows.next() {
            inputs.append(
                DispatchData.Input(
                    dependency: dependencies[inputs.count].dependency(on: TaskID((row[0] as String?) ?? "?")),
                    status: (row[1] as Int?).map(Self.status) ?? .skipped, finishedAt: Self.time(row, 2), result: Self.json(row, 3),
                    error: Self.json(row, 4).map { TaskError($0) }))
        }
        return inputs
    }

    // MARK: - Rows

    private struct StoredTask {
        /// Without its dependencies.
        var spec: TaskSpec
        var edges: [StoredDependency]
        var role: TaskNode.Role?
        var origin: Int
        var number: Int
    }

    private func stored(_ key: TaskKey) throws -> StoredTask? {
        try first(text: "SELECT \(Self.specColumns) FROM definitions WHERE key = ?", [Self.key(key)]).map { try stored($0, at: 0) }
    }

    private func stored(_ row: SQLiteRow, at first: Int) throws -> StoredTask {
        let definition = try Self.definition(row, at: first, &recent.settings)
        return StoredTask(
            spec: definition.spec, edges: try StoredDependency.read(row[first + 8]), role: definition.role, origin: definition.origin,
            number: definition.number)
    }

    /// Of all tasks whose messages are made in one transaction most belong to one run.
    private func header(of run: RunNumber) throws -> RunHeader? {
        if let known = recent.header, known.run == run { return known.header }
        guard let header = try self.run(number: run)?.header else { return nil }
        recent.header = (run, header)
        return header
    }

    private static let dispatchQuery = """
        SELECT \(taskColumns), EXISTS (SELECT 1 FROM parts WHERE parts.key = tasks.key), \(specColumns)
        FROM tasks JOIN definitions USING (key) WHERE tasks.key = ?
        """

    private static let specColumns =
        "id, handler, queue, priority, parent, settings, params, inputs, dependencies, role, origin, number"

    /// Without its dependencies.
    private static func definition(_ row: SQLiteRow, at first: Int = 0, _ settings: inout SettingsCache) throws -> TaskDefinition {
        var (spec, _) = try settings.spec(row[first + 5])
        spec.id = TaskID(row[first] as String)
        spec.handler = settings.handler(row[first + 1])
        spec.queue = settings.queue(row[first + 2])
        spec.priority = Priority(rawValue: row[first + 3]) ?? .normal
        spec.parent = (row[first + 4] as String?).map(TaskID.init(rawValue:))
        spec.params = json(row, first + 6)
        spec.inputs = json(row, first + 7)
        return TaskDefinition(
            spec, dependencies: [], role: (row[first + 9] as String?).flatMap(TaskNode.Role.init(rawValue:)), origin: row[first + 10] ?? -1,
            number: row[first + 11])
    }
}
