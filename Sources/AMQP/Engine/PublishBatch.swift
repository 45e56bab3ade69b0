/// Publications handed over together, and where their outcomes go. They stay in this array until they are confirmed; the
/// queues hold only positions in it.
final class PublishBatch: Sendable {
    enum Outcome: Sendable {
        case waiter(Waiter<Void>)
        case callback(@Sendable (Int, Result<Void, AMQPError>) -> Void)
    }

    let publications: [Publication]
    private let outcome: Outcome

    init(_ publications: [Publication], _ outcome: Outcome) {
        self.publications = publications
        self.outcome = outcome
    }

    /// Whether nobody waits for the outcome any more.
    var isAbandoned: Bool {
        switch outcome {
        case .waiter(let waiter): waiter.isResolved
        case .callback: false
        }
    }

    func resolve(_ index: Int, _ result: Result<Void, AMQPError>) {
        switch outcome {
        case .waiter(let waiter): waiter.resolve(result.mapError { $0 })
        case .callback(let callback): callback(index, result)
        }
    }
}
