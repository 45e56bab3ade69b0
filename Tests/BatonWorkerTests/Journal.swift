import Synchronization

/// What has happened so far, and a way to wait for what is still to happen.
final class Journal<Element: Sendable>: Sendable {
    private struct Waiter: Sendable {
        let id: Int
        let count: Int
        let matches: @Sendable (Element) -> Bool
        let continuation: CheckedContinuation<[Element], any Error>
    }

    private struct State: Sendable {
        var items: [Element] = []
        var waiters: [Waiter] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    var all: [Element] { state.withLock(\.items) }

    /// Lets go of what refers to whoever refers to this.
    func clear() { state.withLock { $0.items = [] } }

    func append(_ item: Element) {
        let ready = state.withLock { state in
            state.items.append(item)
            let ready = state.waiters.compactMap { waiter in
                let found = state.items.filter(waiter.matches)
                return found.count >= waiter.count ? (waiter, found) : nil
            }
            state.waiters.removeAll { waiter in ready.contains { $0.0.id == waiter.id } }
            return ready
        }
        for (waiter, found) in ready { waiter.continuation.resume(returning: found) }
    }

    /// All that match, as soon as there are `count` of them.
    @discardableResult
    func wait(for count: Int, where matches: @escaping @Sendable (Element) -> Bool = { _ in true }) async throws -> [Element] {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let found: [Element]? = state.withLock { state in
                    let found = state.items.filter(matches)
                    if found.count >= count { return found }
                    if Task.isCancelled { return [] }
                    state.waiters.append(Waiter(id: id, count: count, matches: matches, continuation: continuation))
                    return nil
                }
                guard let found else { return }
                if found.count >= count {
                    continuation.resume(returning: found)
                } else {
                    continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    @discardableResult
    func first(where matches: @escaping @Sendable (Element) -> Bool = { _ in true }) async throws -> Element {
        try await wait(for: 1, where: matches)[0]
    }
}

extension Journal where Element: Equatable {
    @discardableResult
    func first(_ element: Element) async throws -> Element { try await first { $0 == element } }
}
