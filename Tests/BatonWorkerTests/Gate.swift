import BatonModel

@testable import BatonWorker

/// Holds handlers until a test lets them go on, and tells which have begun.
final class Gate: Sendable {
    let began = Journal<String>()
    let ended = Journal<String>()
    private let opened = Journal<String>()

    /// - Parameter key: an attempt's id, or `*` for all there are and will be.
    func open(_ key: String) { opened.append(key) }

    func pass(_ input: JSON, _ context: TaskContext) async throws -> JSON {
        began.append(context.attemptID)
        defer { ended.append(context.attemptID) }
        try await opened.first { $0 == context.attemptID || $0 == "*" }
        return input
    }

    /// Heeds no cancellation.
    func passStubbornly(_ input: JSON, _ context: TaskContext) async -> JSON {
        began.append(context.attemptID)
        let key = context.attemptID
        _ = try? await Task { [opened] in try await opened.first { $0 == key || $0 == "*" } }.value
        ended.append(context.attemptID)
        return input
    }
}
