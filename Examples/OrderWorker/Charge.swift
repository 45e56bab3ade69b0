import BatonModel
import BatonWorker

/// Charges an order's card, once, however often the task runs.
struct Charge: TaskHandler, FailureHook {
    static let name: HandlerName = "payments.charge"

    struct Input: Decodable, Sendable {
        var order: Order
        /// For trying retries out: this many attempts find the bank away.
        var outages: Int?
    }

    let bank: Bank

    func run(_ input: Input, _ context: TaskContext) async throws -> Receipt {
        if context.attempt <= input.outages ?? 0 {
            throw TaskError(type: "bankUnavailable", message: "the bank did not answer", retryable: true)
        }
        // The attempt's id would do where an attempt is delivered twice. It is another one for the next attempt, though, and
        // the one before may have charged the card before its worker died: the task's own id stays the same.
        let payment = try await bank.charge(
            cents: input.order.totalCents, card: input.order.card, key: "\(context.runID).\(context.taskID)")
        return Receipt(payment: payment, cents: input.order.totalCents)
    }

    func onRetry(_ input: Input, _ retry: RetryInfo, _ context: TaskContext) async throws {
        context.logger.notice("charging again", metadata: ["retry": "\(retry.count)", "because": "\(retry.error.message)"])
    }

    func onCompleted(_ receipt: Receipt, _ context: TaskContext) async throws {
        context.logger.info("charged", metadata: ["payment": "\(receipt.payment)", "cents": "\(receipt.cents)"])
    }

    func onFailed(_ error: TaskError, _ context: TaskContext) async throws {
        context.logger.error("not charged, somebody has to look", metadata: ["because": "\(error.message)"])
    }
}

/// Stands in for a payment provider. Like a real one it takes a key with each payment, and knows the payment again by it.
struct Bank: Sendable {
    /// - Returns: the payment's number: for the same key the same one.
    func charge(cents: Int, card: String, key: String) async throws -> String {
        try await Task.sleep(for: .milliseconds(300))
        guard card.hasPrefix("tok_") else {
            throw TaskError(type: "cardRefused", message: "the bank knows no such card", retryable: false)
        }
        return "payment-\(key)"
    }
}
