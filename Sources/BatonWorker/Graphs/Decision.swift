/// A result that chooses a route, and says why. A plain text, or an enumeration of texts, chooses one as well.
public struct Decision: Codable, Sendable, Hashable {
    public var route: String
    /// Where the route leads back: what the task that runs again should know.
    public var reason: String?

    public init(_ route: String, because reason: String? = nil) {
        self.route = route
        self.reason = reason
    }
}
