/// Reads a schedule document, and says everything that is wrong with it and with its graph.
public enum ScheduleReader {
    /// Entries of one list of days or times.
    public static let longestList = 1440

    /// - Parameter checks: what to hold the graph's expressions and schemas against; by default they are taken as they are.
    /// - Throws: `InvalidSchedule` with each problem and its path; those of the graph are from `graph` on.
    public static func read(
        json bytes: [UInt8], limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidSchedule) -> Schedule {
        try read(json: bytes, limits: limits) { (graph) throws(InvalidGraph) in
            _ = try GraphReader.read(json: graph.bytes, limits: limits, checks: checks)
        }
    }

    /// Reads the document as YAML, by way of JSON: the same fields, and the same errors with the same paths.
    ///
    /// - Throws: `InvalidSchedule`.
    public static func read(
        yaml text: String, limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidSchedule) -> Schedule {
        let bytes: [UInt8]
        do throws(InvalidGraph) {
            bytes = try YAMLDocument.json(text, limit: limits.documentBytes)
        } catch {
            throw InvalidSchedule(problems: error.problems)
        }
        return try read(json: bytes, limits: limits, checks: checks)
    }

    /// Reads the document as JSON where it begins like JSON, else as YAML.
    ///
    /// - Throws: `InvalidSchedule`.
    public static func read(
        document bytes: [UInt8], limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidSchedule) -> Schedule {
        let first = bytes.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            return try read(json: bytes, limits: limits, checks: checks)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw InvalidSchedule("the document is not UTF-8") }
        return try read(yaml: text, limits: limits, checks: checks)
    }

    /// Reads what was checked before, as the store keeps it, without reading its graph again.
    ///
    /// - Throws: `InvalidSchedule`.
    package static func read(checked document: JSON) throws(InvalidSchedule) -> Schedule {
        var limits = Limits()
        limits.documentBytes = .max
        return try read(json: document.bytes, limits: limits) { (_) throws(InvalidGraph) in }
    }

    private static func read(
        json bytes: [UInt8], limits: Limits, graph check: (JSON) throws(InvalidGraph) -> Void
    ) throws(InvalidSchedule) -> Schedule {
        guard bytes.count <= limits.documentBytes else {
            throw InvalidSchedule("the document's \(bytes.count) bytes are more than the limit documentBytes of \(limits.documentBytes)")
        }
        var reader = GraphReader(scheduleWithin: limits)
        var schedule: Schedule?
        do throws(JSONError) {
            var json = JSONReader(bytes)
            schedule = try reader.schedule(&json)
            try json.finish()
        } catch {
            throw InvalidSchedule("the document is not JSON: \(error)")
        }
        if let graph = schedule?.graph, !graph.isNull {
            do throws(InvalidGraph) {
                try check(graph)
            } catch {
                for problem in error.problems {
                    reader.problems.add(problem.path.isEmpty ? "graph" : "graph.\(problem.path)", problem.message)
                }
            }
        }
        do throws(InvalidGraph) {
            try reader.problems.check()
        } catch {
            throw InvalidSchedule(problems: error.problems)
        }
        guard let schedule else { throw InvalidSchedule("the document is not a schedule") }
        return schedule
    }
}

/// Why a schedule was refused: everything that was found, so that one reading of it is enough to mend the document.
public struct InvalidSchedule: Error, Sendable, Hashable, CustomStringConvertible {
    public var problems: [GraphProblem]

    public init(problems: [GraphProblem]) { self.problems = problems }

    public init(_ message: String, at path: String = "") { self.problems = [GraphProblem(path: path, message: message)] }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
