import Foundation
import Logging
import Synchronization

/// What a file says, read again when it has changed.
///
/// The file is looked at when its value is asked for, once a second at most, so that nothing runs while nobody asks.
final class WatchedFile<Value: Sendable>: Sendable {
    private struct Stamp: Equatable {
        var modified: Date?
        var size: UInt64?
        var number: UInt64?
    }

    private struct State {
        var value: Value
        var stamp: Stamp
        var lookedAt: ContinuousClock.Instant
    }

    /// Larger than any list of tokens or keys.
    private static var largest: Int { 16 << 20 }

    private let path: String
    private let read: @Sendable ([UInt8]) throws -> Value
    private let logger: Logger
    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Throws: `AccessError` that names the file.
    init(
        _ path: String, every interval: Duration = .seconds(1), logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        read: @escaping @Sendable ([UInt8]) throws -> Value
    ) throws {
        self.path = path
        self.now = now
        self.read = read
        self.logger = logger
        self.interval = interval
        // Before the content, so that a change in between is seen the next time.
        let stamp = Self.stamp(path)
        state = Mutex(State(value: try Self.load(path, read), stamp: stamp, lookedAt: now()))
    }

    var value: Value {
        state.withLock { state in
            let now = now()
            guard now - state.lookedAt >= interval else { return state.value }
            state.lookedAt = now
            let stamp = Self.stamp(path)
            guard stamp != state.stamp else { return state.value }
            state.stamp = stamp
            do {
                state.value = try Self.load(path, read)
                logger.notice("a changed file is in force", metadata: ["file": "\(path)"])
            } catch {
                logger.error("a changed file can't be used; what it said before stays in force", metadata: ["error": "\(error)"])
            }
            return state.value
        }
    }

    private static func load(_ path: String, _ read: ([UInt8]) throws -> Value) throws -> Value {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            let bytes = try handle.read(upToCount: largest + 1) ?? Data()
            guard bytes.count <= largest else { throw AccessError("it has more than \(largest) bytes") }
            return try read(Array(bytes))
        } catch let error as AccessError {
            throw AccessError("\(path): \(error)")
        } catch {
            throw AccessError("\(path) can't be read: \(error.localizedDescription)")
        }
    }

    private static func stamp(_ path: String) -> Stamp {
        let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
        return Stamp(
            modified: attributes[.modificationDate] as? Date, size: (attributes[.size] as? NSNumber)?.uint64Value,
            number: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value)
    }
}
