import AMQP
import BatonModel
package import BatonWire
import Synchronization

/// The queue of parked messages, for a person to look into and to empty.
///
/// A look takes messages off one after the other without acknowledging any, and gives all of them back in their order. Of a
/// program that is killed the broker takes them back itself: none is lost, but RabbitMQ 3.10 mixes them up where they are
/// more than 32. The queue's delivery limit is so high that no number of looks uses it up. One look at a time: others wait for its lock, an exclusive queue that the
/// broker deletes together with the connection.
package final class ParkingLot: Sendable {
    package let topology: BatonWire.Topology
    private let address: BrokerAddress
    private let connection: Connection
    /// How many messages there were when the look began.
    package let count: Int

    private init(_ topology: BatonWire.Topology, _ address: BrokerAddress, _ connection: Connection, _ count: Int) {
        self.topology = topology
        self.address = address
        self.connection = connection
        self.count = count
    }

    /// Looks into the queue while the body runs. What was not settled then is in its place again on return.
    ///
    /// - Parameter patience: how long to wait while somebody else looks.
    /// - Throws: `OperatorError`.
    package static func withLot<Value: Sendable>(
        at address: BrokerAddress, namespace: String, patience: Duration = .seconds(30),
        _ body: (ParkingLot) async throws -> Value
    ) async throws -> Value {
        let topology = BatonWire.Topology(namespace: namespace)
        let queue = topology.parkingQueue.name
        do {
            return try await address.withConnection("parking lock") { keeper in
                try await lock(keeper, "\(queue).lock", patience)
                let count = try await keeper.status(queue: queue).messages
                let (value, settled) = try await address.withConnection("parking") { connection in
                    let lot = ParkingLot(topology, address, connection, count)
                    do {
                        let value = try await body(lot)
                        await lot.giveBack(keeper)
                        return (value, lot.settled.total)
                    } catch {
                        await lot.giveBack(keeper)
                        throw error
                    }
                }
                // Whoever looks next should see them all, and the broker puts them back a little after the connection has ended.
                _ = try await inTime(.seconds(3)) {
                    while try await keeper.status(queue: queue).messages < count - settled {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                return value
            }
        } catch let error as AMQPError {
            guard error.code == .notFound else { throw address.explained(error) }
            throw OperatorError(
                .notFound,
                "there is no queue \(queue) at \(address.place): the coordinator makes it when it starts; if it has run, set --namespace and the virtual host of --amqp-url to what it has")
        }
    }

    private static func lock(_ keeper: Connection, _ name: String, _ patience: Duration) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        while true {
            do {
                return try await keeper.declare(QueueDeclaration(name, durable: false, exclusive: true), recover: false).discard()
            } catch let error as AMQPError where error.code == .resourceLocked {
                guard clock.now < deadline else {
                    throw OperatorError(.busy, "somebody else is looking at the parked messages: try again in a moment")
                }
                try await Task.sleep(for: .milliseconds(200))
            } catch let error as AMQPError where error.code == .accessRefused {
                // Who may not declare anything can still look; two at once then see a part each.
                return
            }
        }
    }

    private let settled = Counter()
    private let held = Mutex<[AMQP.Delivery.Receipt]>([])

    /// Few at a time: what comes back otherwise, also with the end of the connection, comes in any order. Those that are removed
    /// already stay so.
    private func giveBack(_ keeper: Connection) async {
        let receipts = held.withLock { held in
            defer { held = [] }
            return held
        }
        let queue = topology.parkingQueue.name
        for first in stride(from: 0, to: receipts.count, by: Self.givenBack) {
            let before = try? await keeper.status(queue: queue).messages
            var count = 0
            for receipt in receipts[first..<min(first + Self.givenBack, receipts.count)] where receipt.reject(requeue: true) { count += 1 }
            guard let before else { continue }
            let expected = before + count
            _ = try? await inTime(.seconds(3)) {
                while try await keeper.status(queue: queue).messages < expected { try await Task.sleep(for: .milliseconds(2)) }
            }
        }
    }

    /// RabbitMQ 3.10 keeps what it has not done of more than 32 such orders in a list, and then does them backwards.
    private static let givenBack = 24

    /// The message is gone for good once the connection has ended.
    func remove(_ delivery: AMQP.Delivery) -> Bool {
        guard delivery.ack() else { return false }
        settled.add()
        return true
    }

    /// Shows the body each message, the oldest first, until it says that it has seen enough. Messages that are parked
    /// meanwhile are left for the next time.
    ///
    /// - Returns: whether all were shown.
    func walk(_ body: (AMQP.Delivery, ParkedMessage) async throws -> Bool) async throws -> Bool {
        var hasSeenEnough = false
        for _ in 0..<count {
            guard let delivery = try await connection.get(queue: topology.parkingQueue.name) else { break }
            held.withLock { $0.append(delivery.receipt) }
            if hasSeenEnough { continue }
            hasSeenEnough = try await !body(delivery, ParkedMessage(delivery))
            if hasSeenEnough, count > Self.orderly { break }
        }
        return !hasSeenEnough
    }

    /// RabbitMQ puts what is given back behind what was given back before, so a part would end up behind the rest. Up to so
    /// many messages all are taken and given back for the sake of their order; beyond, that would take too long.
    private static let orderly = 10_000

    /// Publishes, and returns when the broker has it.
    ///
    /// - Throws: `OperatorError`.
    func publish(_ publication: AMQP.Publication) async throws {
        do {
            let connection = connection
            let isDone: Bool? = try await inTime(.seconds(30)) {
                try await connection.publish(publication)
                return true
            }
            guard isDone == nil else { return }
            let reason = if case .blocked(let reason) = connection.state { " (\(reason))" } else { "" }
            throw OperatorError(.busy, "the broker takes no messages\(reason): look at it with 'baton doctor'")
        } catch let error as AMQPError {
            throw address.explained(error)
        }
    }

    var user: String { address.configuration.user }
}

extension QueueStatus {
    fileprivate func discard() {}
}
