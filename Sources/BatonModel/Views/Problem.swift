/// Why a request was refused, in the form of RFC 9457 (`application/problem+json`).
public struct Problem: Error, Sendable, Codable, Hashable, CustomStringConvertible {
    /// A name programs can decide by, such as `urn:baton:problem:notFound`.
    public var type: String
    /// The same for all problems of a type.
    public var title: String
    /// The HTTP status.
    public var status: Int
    /// What happened this time, and what to do about it.
    public var detail: String
    /// Of a refused graph: everything that is wrong with it.
    public var problems: [GraphProblem]?

    public init(type: String, title: String, status: Int, detail: String, problems: [GraphProblem]? = nil) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.problems = problems
    }

    public var description: String { detail }
}
