import BatonModel
import BatonStore

/// An accepted run is stored, and one key makes one run.
final class Acceptance: Invariant {
    static let name = "acceptance"

    private var keys: [String: RunID] = [:]

    func saw(_ sight: Sight, _ ledger: Ledger) throws {
        guard case .accepted(let id, let key) = sight else { return }
        guard ledger.run(id) != nil else { throw Breach("\(id) was accepted, but is not stored") }
        guard let key else { return }
        if let first = keys[key], first != id { throw Breach("the key \(key) has made \(first) and \(id)") }
        keys[key] = id
    }

    func ended(_ ledger: Ledger) throws {
        var keys: [String: RunID] = [:]
        for run in ledger.order {
            guard let key = run.header.key else { continue }
            if let first = keys[key] { throw Breach("the key \(key) has made \(first) and \(run.header.id)") }
            keys[key] = run.header.id
        }
    }
}
