struct Line: Codable, Sendable {
    var sku: String
    var quantity: Int
    /// Of one piece.
    var cents: Int
}

/// What the customer sent.
struct Cart: Codable, Sendable {
    var id: String
    var card: String
    var lines: [Line]
}

/// A cart that has been checked.
struct Order: Codable, Sendable {
    var id: String
    var card: String
    var lines: [Line]
    var totalCents: Int
}

struct Reservation: Codable, Sendable {
    var order: String
    var pieces: Int
}

struct Receipt: Codable, Sendable {
    var payment: String
    var cents: Int
}

struct Box: Codable, Sendable {
    var sku: String
    var grams: Int
}

struct Parcel: Codable, Sendable {
    var trackingNumber: String
    var grams: Int
}
