import Synchronization

/// What has happened so far, in order, and a way to wait for what is still to happen.
package final class Journal<Element: Sendable>: Sendable {
    private struct Waiter: Sendable {
        let id: Int
        let isMet: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State: Sendable {
        var items: [Element] = []
        var waiters: [Waiter] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var all: [Element] { state.withLock(\.items) }

    package func append(_ item: Element) {
        let met = state.withLock { state in
            state.items.append(item)
            let items = state.items
            let met = state.waiters.filter { $0.isMet(items) }
            state.waiters.removeAll { waiter in met.contains { $0.id == waiter.id } }
            return met
        }
        for waiter in met { waiter.continuation.resume(returning: true) }
    }

    /// Returns what has happened as soon as the condition holds of it.
    ///
    /// - Throws: `CancellationError` where the calling task is cancelled first.
    @discardableResult
    package func wait(until isMet: @escaping @Sendable ([Element]) -> Bool) async throws -> [Element] {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let holds = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if isMet(state.items) { return true }
                    if Task.isCancelled { return false }
                    state.waiters.append(Waiter(id: id, isMet: isMet, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
        guard holds else { throw CancellationError() }
        return all
    }

    /// All that match, as soon as there are `count` of them.
    @discardableResult
    package func wait(
        for count: Int, where matches: @escaping @Sendable (Element) -> Bool = { _ in true }
    ) async throws -> [Element] {
        try await wait { $0.count(where: matches) >= count }.filter(matches)
    }

    @discardableResult
    package func first(where matches: @escaping @Sendable (Element) -> Bool = { _ in true }) async throws -> Element {
        try await wait(for: 1, where: matches)[0]
    }
}
