public import BatonModel

/// What kind of "no" the coordinator gave. Nothing was done.
public enum Refusal: String, Sendable, Hashable, CaseIterable {
    /// The graph has mistakes; the problem's `problems` says where.
    case invalidGraph
    case invalidSchedule
    /// What was sent is neither JSON nor YAML.
    case notADocument
    case badRequest
    case notFound
    /// The key is in use for another graph, or what is asked for doesn't fit how things stand.
    case conflict
    /// An archive is never changed.
    case frozen
    /// Only what has completed can be linked.
    case notCompleted
    /// The coordinator wants to know who asks, and the client has no token.
    case unauthenticated
    /// The client's token is no good: unknown, taken back or expired.
    case invalidToken
    /// It belongs to another owner, or the client's role may not do it.
    case denied
    case tooLarge
    /// The coordinator can't store, or is about to stop: try again.
    case unavailable
    /// One that this version has no name for; the problem's `type` and `detail` say more.
    case other
}

extension Problem {
    public var refusal: Refusal {
        let prefix = "urn:baton:problem:"
        guard type.hasPrefix(prefix) else { return .other }
        return Refusal(rawValue: String(type.dropFirst(prefix.count))) ?? .other
    }
}
