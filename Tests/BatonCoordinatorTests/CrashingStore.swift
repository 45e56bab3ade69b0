import BatonModel
import BatonStore
import BatonTesting
import Synchronization

/// When a coordinator dies: once, at one of its writes.
final class Crash: Sendable {
    enum Point: Sendable, CaseIterable {
        /// Nothing of the write is on disk.
        case beforeCommit
        /// All of it is, and nobody has heard.
        case afterCommit
    }

    private struct State {
        var left: Int
        var isArmed = false
    }

    let point: Point
    let happened = Journal<Void>()
    private let state: Mutex<State>

    /// - Parameter write: counted from 1, from when it is armed on.
    init(at write: Int, _ point: Point) {
        self.point = point
        state = Mutex(State(left: write))
    }

    func arm() { state.withLock { $0.isArmed = true } }

    /// From here on it doesn't happen any more; whether it has.
    func disarm() -> Bool {
        state.withLock { state in
            state.isArmed = false
            return state.left == 0
        }
    }

    /// Counts a write; whether this is the one.
    fileprivate func strikes() -> Bool {
        state.withLock { state in
            guard state.isArmed, state.left > 0 else { return false }
            state.left -= 1
            return state.left == 0
        }
    }
}

/// A store whose coordinator dies at one of its writes: from there on it hears nothing of the store any more.
final class CrashingStore: Store {
    private let store: any Store
    private let crash: Crash
    private let isDead = Mutex(false)

    init(_ store: any Store, _ crash: Crash) {
        self.store = store
        self.crash = crash
    }

    private static let death = StoreError(.unusable, "the coordinator is dead")

    private func check() throws { if isDead.withLock({ $0 }) { throw Self.death } }

    func write<Value>(_ body: (any StoreTransaction) throws -> Value) throws -> Value {
        try check()
        let strikes = crash.strikes()
        defer { if strikes { crash.happened.append(()) } }
        let value = try store.write { transaction in
            let value = try body(transaction)
            if strikes {
                isDead.withLock { $0 = true }
                if crash.point == .beforeCommit { throw Self.death }
            }
            return value
        }
        try check()
        return value
    }

    func read<Value>(_ body: (any StoreReader) throws -> Value) throws -> Value {
        try check()
        return try store.read(body)
    }

    func close() { store.close() }
}
