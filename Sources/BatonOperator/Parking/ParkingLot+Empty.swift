import AMQP
package import BatonModel
import BatonWire

extension ParkingLot {
    /// How many messages, and how many bytes of them, are replayed at a time.
    private static let window = 64
    private static let windowBytes = 8 << 20

    /// Drops the messages for good.
    package func drop(
        _ selection: ParkingSelection, _ report: @Sendable (ParkingOutcome) -> Void
    ) async throws {
        try await select(selection, report) { delivery, message in
            report(
                remove(delivery)
                    ? ParkingOutcome(id: message.id, result: .dropped)
                    : ParkingOutcome(id: message.id, result: .kept, detail: Self.broken))
            return true
        }
    }

    /// Sends messages back to where they came from, and takes each off only once the broker has it there. A program that is
    /// killed in between leaves a message in both places.
    ///
    /// - Parameter rerun: has the coordinator run tasks of a run again, and tells of which it doesn't, and why; throws where it can run none.
    package func replay(
        _ selection: ParkingSelection, rerun: @escaping @Sendable (RunID, [TaskID]) async throws -> [TaskID: String],
        _ report: @Sendable (ParkingOutcome) -> Void
    ) async throws {
        var held: [(delivery: AMQP.Delivery, message: ParkedMessage)] = []
        var bytes = 0
        try await select(selection, report) { delivery, message in
            held.append((delivery, message))
            bytes += message.body.count
            if held.count >= Self.window || bytes >= Self.windowBytes {
                try await send(held, rerun, report)
                held = []
                bytes = 0
            }
            return true
        }
        try await send(held, rerun, report)
    }

    private static let broken = "the connection to the broker was lost in the middle: it may be parked still, look again"

    private func select(
        _ selection: ParkingSelection, _ report: (ParkingOutcome) -> Void,
        _ body: (AMQP.Delivery, ParkedMessage) async throws -> Bool
    ) async throws {
        switch selection {
        case .all(let filter):
            _ = try await walk { delivery, message in filter.fits(message) ? try await body(delivery, message) : true }
        case .ids(let ids):
            var missing = Set(ids)
            _ = try await walk { delivery, message in
                if missing.remove(message.id) != nil { _ = try await body(delivery, message) }
                return !missing.isEmpty
            }
            for id in ids where missing.remove(id) != nil { report(ParkingOutcome(id: id, result: .notFound)) }
        }
    }

    private func send(
        _ held: [(delivery: AMQP.Delivery, message: ParkedMessage)],
        _ rerun: @escaping @Sendable (RunID, [TaskID]) async throws -> [TaskID: String], _ report: @Sendable (ParkingOutcome) -> Void
    ) async throws {
        var runs: [(run: RunID, tasks: [(task: TaskID, delivery: AMQP.Delivery, id: String)])] = []
        for (delivery, message) in held {
            switch Destination(of: message, in: topology) {
            case .unknown:
                let detail = "nothing says where it came from: publish it by hand, or drop it"
                report(ParkingOutcome(id: message.id, result: .kept, detail: detail))
            case .rerun(let run, let task):
                // A run goes on once for all of its tasks: afterwards it is no longer one that has ended.
                let index = runs.firstIndex { $0.run == run } ?? runs.endIndex
                if index == runs.endIndex { runs.append((run, [])) }
                runs[index].tasks.append((task, delivery, message.id))
            case .queue(let exchange, let routingKey):
                let publication = message.unparked(to: exchange, routingKey, as: user)
                let outcome: ParkingOutcome
                do {
                    try await publish(publication)
                    let isGone = remove(delivery)
                    outcome = ParkingOutcome(id: message.id, result: .replayed, detail: isGone ? message.from : Self.broken)
                } catch let error as OperatorError where error.code != .busy {
                    outcome = ParkingOutcome(id: message.id, result: .kept, detail: error.description)
                }
                report(outcome)
            }
        }
        for (run, tasks) in runs {
            do {
                let refused = try await rerun(run, tasks.map(\.task))
                for (task, delivery, id) in tasks {
                    if let reason = refused[task] {
                        report(ParkingOutcome(id: id, result: .kept, detail: reason))
                    } else {
                        _ = remove(delivery)
                        report(ParkingOutcome(id: id, result: .rerun, detail: "task \(task) of run \(run)"))
                    }
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                for (_, _, id) in tasks { report(ParkingOutcome(id: id, result: .kept, detail: "\(error)")) }
            }
        }
    }
}
