struct OrderLine: Codable, Sendable {
    var sku: String
    var quantity: Int
    /// Of one piece.
    var cents: Int
}

/// What the customer sent.
struct Cart: Codable, Sendable {
    var id: String
    var customer: String
    var card: String
    var lines: [OrderLine]
}

/// A cart that has been checked.
struct Order: Codable, Sendable {
    var id: String
    var customer: String
    var card: String
    var lines: [OrderLine]
    var totalCents: Int
}

struct Reservation: Codable, Sendable {
    var warehouse: String
    var pieces: Int
}

struct Receipt: Codable, Sendable {
    var payment: String
    var cents: Int
}

struct Parcel: Codable, Sendable {
    var trackingNumber: String
    var pieces: Int
}

struct Confirmation: Codable, Sendable {
    var to: String
    var text: String
}
