import BatonModel
import Synchronization

/// Wakes those who wait for news of a run. The news itself is read from the store, so a slow reader costs nothing.
///
/// Take a ticket first, then look for news, then wait: a ring in between is kept by the ticket.
final class EventBell: Sendable {
    private let tickets = Mutex<[RunID: [ObjectIdentifier: Ticket]]>([:])

    func ticket(for run: RunID) -> Ticket {
        let ticket = Ticket()
        tickets.withLock { $0[run, default: [:]][ObjectIdentifier(ticket)] = ticket }
        return ticket
    }

    func remove(_ ticket: Ticket, for run: RunID) {
        tickets.withLock { tickets in
            tickets[run]?[ObjectIdentifier(ticket)] = nil
            if tickets[run]?.isEmpty == true { tickets[run] = nil }
        }
    }

    func ring(_ runs: some Sequence<RunID>) {
        let woken = tickets.withLock { tickets in runs.flatMap { tickets[$0].map { Array($0.values) } ?? [] } }
        for ticket in woken { ticket.ring() }
    }

    func ringAll() {
        let woken = tickets.withLock { tickets in tickets.values.flatMap(\.values) }
        for ticket in woken { ticket.ring() }
    }

    final class Ticket: Sendable {
        private enum State {
            case idle
            case waiting(CheckedContinuation<Void, Never>)
            case rung
        }

        private let state = Mutex(State.idle)

        func ring() {
            let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
                defer { state = .rung }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            waiting?.resume()
        }

        /// Returns at the next ring, at once where there has been one, or when the task is cancelled. For one waiter.
        func wait() async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isRung = state.withLock { state in
                        if case .rung = state { return true }
                        state = .waiting(continuation)
                        return false
                    }
                    if isRung { continuation.resume() }
                }
            } onCancel: {
                ring()
            }
        }
    }
}
