import BatonModel
import BatonWorker

// Each takes a task's inputs, with the results of its dependencies beside them, and returns the task's result. The sleeps stand
// in for work.

@Sendable func validate(_ cart: Cart, _ context: TaskContext) async throws -> Order {
    guard !cart.lines.isEmpty, cart.lines.allSatisfy({ $0.quantity > 0 && $0.cents >= 0 }) else {
        throw TaskError(type: "badOrder", message: "order \(cart.id) has no lines, or a bad one", retryable: false)
    }
    let total = cart.lines.reduce(0) { $0 + $1.quantity * $1.cents }
    return Order(id: cart.id, customer: cart.customer, card: cart.card, lines: cart.lines, totalCents: total)
}

struct ReserveInput: Decodable, Sendable {
    var order: Order
}

struct ReserveParams: Decodable {
    var warehouse: String
}

@Sendable func reserve(_ input: ReserveInput, _ context: TaskContext) async throws -> Reservation {
    let params = try context.params(as: ReserveParams.self)
    try await Task.sleep(for: .milliseconds(800))
    let pieces = input.order.lines.reduce(0) { $0 + $1.quantity }
    guard pieces <= 100 else {
        throw TaskError(type: "outOfStock", message: "\(params.warehouse) has no \(pieces) pieces", retryable: false)
    }
    return Reservation(warehouse: params.warehouse, pieces: pieces)
}

struct ShipInput: Decodable, Sendable {
    var order: Order
    var reservation: Reservation
    var receipt: Receipt
}

@Sendable func ship(_ input: ShipInput, _ context: TaskContext) async throws -> Parcel {
    for (step, line) in input.order.lines.enumerated() {
        context.progress(Double(step) / Double(input.order.lines.count), message: "packing \(line.sku)")
        try await Task.sleep(for: .milliseconds(400))
    }
    return Parcel(trackingNumber: "parcel-\(input.order.id)", pieces: input.reservation.pieces)
}

struct ConfirmInput: Decodable, Sendable {
    var order: Order
    var receipt: Receipt
    var parcel: Parcel
}

@Sendable func confirm(_ input: ConfirmInput, _ context: TaskContext) async throws -> Confirmation {
    let euros = "\(input.receipt.cents / 100).\(input.receipt.cents % 100 < 10 ? "0" : "")\(input.receipt.cents % 100)"
    let text = "Order \(input.order.id): \(euros) EUR paid, \(input.parcel.pieces) pieces on their way as \(input.parcel.trackingNumber)"
    context.logger.info("mail sent", metadata: ["to": "\(input.order.customer)"])
    return Confirmation(to: input.order.customer, text: text)
}
