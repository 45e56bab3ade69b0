import Foundation

/// Asks again, in short but growing intervals, until there is an answer.
///
/// For what gives no signal: processes that become ready, files, the broker's counters. Errors count as no answer yet; the
/// last one is told when time runs out.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(30), _ answer: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    var pause = Duration.milliseconds(5)
    while true {
        var problem = "no error"
        do {
            if let value = try await answer() { return value }
        } catch let error as CancellationError {
            throw error
        } catch {
            problem = "\(error)"
        }
        guard clock.now < deadline else { throw Failure("not within \(limit): \(what) (\(problem))") }
        try await clock.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(100))
    }
}

/// The value of the body, which has to come within the limit. The body must heed cancellation.
func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await body() }
        group.addTask {
            try await ContinuousClock().sleep(for: limit)
            throw Failure("not within \(limit): \(what)")
        }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
