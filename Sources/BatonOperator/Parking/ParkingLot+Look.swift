import AMQP
import BatonModel
import BatonWire

extension ParkingLot {
    /// - Parameters:
    ///   - limit: how many to show.
    ///   - newest: the latest ones, the newest first: all have to be gone through for that.
    package func list(_ filter: ParkingFilter = ParkingFilter(), limit: Int, newest: Bool = false) async throws -> ParkingList {
        var list = ParkingList(items: [], parked: count)
        let wasWhole = try await walk { _, message in
            if !newest, list.items.count == limit { return false }
            list.looked += 1
            guard filter.fits(message) else { return true }
            list.items.append(ParkedSummary(message))
            if newest, list.items.count > 2 * limit { list.items.removeFirst(list.items.count - limit) }
            return true
        }
        list.isWhole = wasWhole
        if newest {
            if list.items.count > limit { list.isWhole = false }
            list.items = list.items.suffix(limit).reversed()
        }
        return list
    }

    /// The oldest message of this id.
    ///
    /// - Throws: `OperatorError` where there is none.
    package func message(_ id: String) async throws -> ParkedMessage {
        var found: ParkedMessage?
        _ = try await walk { _, message in
            if message.id == id { found = message }
            return found == nil
        }
        guard let found else { throw OperatorError(.notFound, "no message '\(id)' is parked: see 'baton parking list'") }
        return found
    }
}
