import BatonOperator
import Synchronization

/// How many messages came to which end.
final class OutcomeCounts: Sendable {
    private let counts = Mutex<[ParkingOutcome.Result: Int]>([:])

    func add(_ result: ParkingOutcome.Result) { counts.withLock { $0[result, default: 0] += 1 } }

    var total: Int { counts.withLock { $0.values.reduce(0, +) } }
    var undone: Int { counts.withLock { ($0[.kept] ?? 0) + ($0[.notFound] ?? 0) } }
}
