import AMQP
import Foundation
import Synchronization
import Testing

/// The states of a connection, each kept until someone waits for one like it.
final class States: Sendable {
    private let stream: AsyncStream<ConnectionState>
    private let continuation: AsyncStream<ConnectionState>.Continuation

    init(_ connection: Connection) {
        (stream, continuation) = AsyncStream.makeStream()
        connection.onStateChange { [continuation] in continuation.yield($0) }
    }

    /// Returns when a state that fits has come; those before it are gone.
    @discardableResult
    func wait(_ fits: (ConnectionState) -> Bool) async throws -> ConnectionState {
        for await state in stream where fits(state) { return state }
        throw CancellationError()
    }

    func waitConnected(epoch: Int) async throws { try await wait { $0 == .connected(epoch: epoch) } }
}

/// Runs a connection while the body runs, and sees that `run()` returns without an error afterwards.
func withConnection(
    _ url: String, _ configure: (inout ConnectionConfiguration) -> Void = { _ in },
    _ body: (Connection, States) async throws -> Void
) async throws {
    var configuration = try ConnectionConfiguration(url: url)
    configuration.reconnectMinimum = .milliseconds(20)
    configuration.reconnectMaximum = .milliseconds(500)
    configure(&configuration)
    let connection = Connection(configuration)
    let states = States(connection)
    try await withThrowingTaskGroup { group in
        group.addTask { try await connection.run() }
        do { try await body(connection, states) } catch {
            connection.shutdown()
            try? await group.waitForAll()
            throw error
        }
        connection.shutdown()
        try await group.waitForAll()
    }
    #expect(connection.state == .closed(nil))
}

/// Declares a quorum queue with a name of its own, and deletes it afterwards.
func withQueue(
    on connection: Connection, arguments: Headers = ["x-queue-type": "quorum", "x-delivery-limit": 20],
    _ body: (String) async throws -> Void
) async throws {
    let name = "test-" + UUID().uuidString
    try await connection.declare(QueueDeclaration(name, arguments: arguments))
    do { try await body(name) } catch {
        _ = try? await connection.deleteQueue(name)
        throw error
    }
    try await connection.deleteQueue(name)
}

/// The error a call throws; an unexpected success fails the test.
func error(_ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) async -> AMQPError? {
    do {
        try await body()
        Issue.record("it was expected to throw", sourceLocation: sourceLocation)
        return nil
    } catch let error as AMQPError {
        return error
    } catch {
        Issue.record("unexpected: \(error)", sourceLocation: sourceLocation)
        return nil
    }
}

/// Outcomes of a batch, and the moment a number of them is in.
final class Outcomes: Sendable {
    private let results = Mutex<[Int: Result<Void, AMQPError>]>([:])
    private let stream: AsyncStream<Int>
    private let continuation: AsyncStream<Int>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func record(_ index: Int, _ result: Result<Void, AMQPError>) {
        let count = results.withLock { results in
            #expect(results[index] == nil, "one outcome a publication")
            results[index] = result
            return results.count
        }
        continuation.yield(count)
    }

    func wait(for count: Int) async { for await seen in stream where seen >= count { return } }

    func failure(_ index: Int) -> AMQPError? {
        results.withLock { if case .failure(let error) = $0[index] { error } else { nil } }
    }

    var failures: [AMQPError] {
        results.withLock { $0.values.compactMap { if case .failure(let error) = $0 { error } else { nil } } }
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
func text(_ delivery: Delivery?) -> String? { delivery.map { String(decoding: $0.body, as: UTF8.self) } }
