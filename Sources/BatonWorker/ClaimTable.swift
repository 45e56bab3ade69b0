import BatonModel

/// The deliveries that wait for the coordinator's word on whether they may start. A free slot is kept for each.
struct ClaimTable: Sendable {
    struct Claim: Sendable {
        var offer: Offer
        var isRedelivered: Bool
        var repeatAt: Duration
    }

    static let repeatEvery: Duration = .seconds(5)

    private(set) var claims: [String: Claim] = [:]

    var count: Int { claims.count }
    var next: Duration? { claims.values.lazy.map(\.repeatAt).min() }

    func contains(_ attempt: String) -> Bool { claims[attempt] != nil }

    mutating func add(_ offer: Offer, isRedelivered: Bool, now: Duration) {
        claims[offer.key] = Claim(offer: offer, isRedelivered: isRedelivered, repeatAt: now + Self.repeatEvery)
    }

    /// The same attempt came again: the new delivery is the one to settle.
    ///
    /// - Returns: the one before.
    mutating func adopt(_ offer: Offer) -> Offer? {
        guard var claim = claims[offer.key] else { return nil }
        let old = claim.offer
        claim.offer = offer
        claims[offer.key] = claim
        return old
    }

    mutating func remove(_ attempt: String) -> Claim? { claims.removeValue(forKey: attempt) }

    mutating func removeAll() -> [Claim] {
        defer { claims = [:] }
        return claims.values.sorted { $0.offer.key < $1.offer.key }
    }

    /// The claims to send again.
    mutating func due(at now: Duration) -> [Claim] {
        var due: [Claim] = []
        for (key, claim) in claims where claim.repeatAt <= now {
            claims[key]?.repeatAt = now + Self.repeatEvery
            due.append(claim)
        }
        return due
    }
}
