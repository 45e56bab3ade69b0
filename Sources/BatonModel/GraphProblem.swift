/// One thing that is wrong with a graph document.
public struct GraphProblem: Sendable, Codable, Hashable, CustomStringConvertible {
    /// The place in the document, such as `tasks[3].dependencies[0].task`; empty for the document as a whole.
    public var path: String
    public var message: String

    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// Why a graph was refused: everything that was found, so that one reading of it is enough to mend the document.
public struct InvalidGraph: Error, Sendable, Hashable, CustomStringConvertible {
    public var problems: [GraphProblem]

    public init(problems: [GraphProblem]) { self.problems = problems }

    /// - Parameter message: is cut where it quotes too much of the document.
    public init(_ message: String, at path: String = "") {
        problems = [GraphProblem(path: ProblemList.shown(path), message: ProblemList.shown(message))]
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Collects problems up to a limit, and says how many more there were.
struct ProblemList {
    private(set) var problems: [GraphProblem] = []
    private var omitted = 0
    private let limit: Int
    /// In bytes. Names and texts of a document are quoted in problems; a huge one must not be quoted a hundred times.
    private static let longestText = 2000

    init(limit: Int) { self.limit = limit }

    var count: Int { problems.count + omitted }
    var isEmpty: Bool { problems.isEmpty && omitted == 0 }

    mutating func add(_ path: @autoclosure () -> String, _ message: @autoclosure () -> String) {
        if problems.count < limit {
            problems.append(GraphProblem(path: Self.shown(path()), message: Self.shown(message())))
        } else {
            omitted += 1
        }
    }

    fileprivate static func shown(_ text: String) -> String {
        text.utf8.count <= longestText ? text : String(decoding: text.utf8.prefix(longestText), as: UTF8.self) + "…"
    }

    /// - Throws: `InvalidGraph` where anything was found.
    func check() throws(InvalidGraph) {
        guard !isEmpty else { return }
        var all = problems
        if omitted > 0 { all.append(GraphProblem(path: "", message: "and \(omitted) more")) }
        throw InvalidGraph(problems: all)
    }
}
