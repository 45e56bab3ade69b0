import BatonModel
import BatonWorker

// The shop's handlers, whose types say what fits what. In a real shop they are a library: imported by the worker, which runs them,
// and by whoever builds graphs, who only names them.

struct Validate: TaskHandler {
    static let name: HandlerName = "shop.validate"

    func run(_ cart: Cart, _ context: TaskContext) async throws -> Order {
        guard !cart.lines.isEmpty else { throw TaskError(type: "badOrder", message: "order \(cart.id) is empty", retryable: false) }
        let total = cart.lines.reduce(0) { $0 + $1.quantity * $1.cents }
        return Order(id: cart.id, card: cart.card, lines: cart.lines, totalCents: total)
    }
}

/// Decides what follows: its result names a route.
struct Screen: TaskHandler {
    enum Verdict: String, Codable, Sendable { case accept, refuse }

    static let name: HandlerName = "shop.screen"

    func run(_ order: Order, _ context: TaskContext) async throws -> Verdict {
        order.totalCents > 1_000_000 ? .refuse : .accept
    }
}

struct Reserve: TaskHandler {
    static let name: HandlerName = "shop.reserve"

    func run(_ order: Order, _ context: TaskContext) async throws -> Reservation {
        Reservation(order: order.id, pieces: order.lines.reduce(0) { $0 + $1.quantity })
    }
}

/// Undoes `Reserve`: gets what that had been given, and what it had made of it.
struct Release: TaskHandler {
    static let name: HandlerName = "shop.release"

    func run(_ undo: Undo<Order, Reservation>, _ context: TaskContext) async throws -> Int { undo.result.pieces }
}

struct Charge: TaskHandler {
    static let name: HandlerName = "shop.charge"

    func run(_ order: Order, _ context: TaskContext) async throws -> Receipt {
        guard order.card.hasPrefix("tok_") else { throw TaskError(type: "cardRefused", message: "the bank knows no such card") }
        // The same for every attempt, so that the bank knows the payment again.
        return Receipt(payment: "payment-\(context.runID).\(context.taskID)", cents: order.totalCents)
    }
}

struct Refund: TaskHandler {
    static let name: HandlerName = "shop.refund"

    func run(_ undo: Undo<Order, Receipt>, _ context: TaskContext) async throws -> String { "refunded \(undo.result.payment)" }
}

/// Packs one line of an order.
struct Pack: TaskHandler {
    struct Input: Codable, Sendable {
        var line: Line
    }

    static let name: HandlerName = "shop.pack"

    func run(_ input: Input, _ context: TaskContext) async throws -> Box {
        try await Task.sleep(for: .milliseconds(200))
        return Box(sku: input.line.sku, grams: 250 * input.line.quantity)
    }
}

struct Ship: TaskHandler {
    struct Input: Codable, Sendable {
        var order: Order
        var receipt: Receipt
        var boxes: [Box]
    }

    static let name: HandlerName = "shop.ship"

    func run(_ input: Input, _ context: TaskContext) async throws -> Parcel {
        guard !input.order.id.hasSuffix("-lost") else {
            throw TaskError(type: "lost", message: "the parcel is lost", retryable: false)
        }
        return Parcel(trackingNumber: "parcel-\(input.order.id)", grams: input.boxes.reduce(0) { $0 + $1.grams })
    }
}

struct Notify: TaskHandler {
    struct Input: Codable, Sendable {
        var text: String
    }

    static let name: HandlerName = "shop.notify"

    func run(_ input: Input, _ context: TaskContext) async throws -> String {
        context.logger.info("mail sent", metadata: ["text": "\(input.text)"])
        return input.text
    }
}
