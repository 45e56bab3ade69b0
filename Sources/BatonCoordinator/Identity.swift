/// Who asks, once their credentials have been checked.
public struct Identity: Sendable, Hashable {
    /// For the log: the name of a token, or the subject of a JWT.
    public var name: String
    /// Whose runs and schedules they are; `nil` for nobody's in particular.
    public var owner: String?
    public var role: Role

    public init(name: String, owner: String? = nil, role: Role) {
        self.name = name
        self.owner = owner
        self.role = role
    }
}

/// What somebody may do.
///
/// - `admin`: everything, of all owners.
/// - `user`: submits, reads and changes what its own owner has; always has an owner.
/// - `viewer`: reads what its owner has; without an owner, what anybody has.
/// - `metrics`: reads about the cluster: workers, queues, figures. No runs.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    case admin, user, viewer, metrics

    func has(_ right: Right) -> Bool {
        switch right {
        case .observe: true
        case .read: self != .metrics
        case .write: self == .admin || self == .user
        case .administer: self == .admin
        }
    }
}

/// What an operation needs, besides that the run or the schedule is the caller's own.
enum Right: Sendable {
    /// To see how the cluster does.
    case observe
    /// To see runs and schedules.
    case read
    /// To make and change runs and schedules.
    case write
    /// To change what all owners share.
    case administer
}
