import AMQP
import Foundation
import Synchronization
import Testing

/// A broker for tests: the one named by `BATON_TEST_AMQP_URL`, or a node of our own started by `deploy/rabbitmq-node`.
struct Broker: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let url: String
    /// Nil for a broker that isn't ours.
    let directory: String?

    /// For tests that leave the broker alone. One a process.
    static func common() async throws -> Broker {
        if let url = ProcessInfo.processInfo.environment["BATON_TEST_AMQP_URL"], !url.isEmpty {
            return Broker(url: url, directory: nil)
        }
        return try await commonNode.value
    }

    /// For tests that kill the broker or change its settings; they run one after the other.
    static func disturbed() async throws -> Broker { try await disturbedNode.value }

    // Unstructured because they are shared by all tests; each test that needs a node awaits it.
    private static let commonNode = Task { try await start() }
    private static let disturbedNode = Task { try await start() }

    static func start(configuration: String? = nil) async throws -> Broker {
        let directory = try temporaryDirectory()
        var arguments = ["start", directory]
        if let configuration {
            let file = directory + "/extra.conf"
            try configuration.write(toFile: file, atomically: true, encoding: .utf8)
            arguments += ["--config", file]
        }
        let url = try await script(arguments)
        return Broker(url: url.trimmingCharacters(in: .whitespacesAndNewlines), directory: directory)
    }

    func stop() async throws { try await Self.script(["stop", owned()]) }
    func kill() async throws { try await Self.script(["kill", owned()]) }
    func restart() async throws { try await Self.script(["restart", owned()]) }
    func control(_ arguments: String...) async throws { try await Self.script(["ctl", owned()] + arguments) }

    /// Sends a signal to the node's process.
    func signal(_ name: String) async throws {
        let process = try String(contentsOfFile: owned() + "/pid", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        try await Self.execute(["kill", "-\(name)", process])
    }

    private func owned() throws -> String {
        guard let directory else { throw Failure(description: "this broker belongs to somebody else") }
        return directory
    }

    // MARK: Processes

    private static let program = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/rabbitmq-node").path

    @discardableResult
    static func script(_ arguments: [String]) async throws -> String { try await execute([program] + arguments) }

    @discardableResult
    static func execute(_ words: [String], in directory: String? = nil) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        // A file, not a pipe: what is started here may outlive it, and would hold the pipe open.
        let file = NSTemporaryDirectory() + "amqp-tests-output-" + UUID().uuidString
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let output = try #require(FileHandle(forWritingAtPath: file))
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(words.joined(separator: " ")) failed (\(process.terminationStatus)): \(text)")
        }
        return text
    }

    // MARK: Directories

    private static let directories = Mutex<[String]>([])

    /// A directory that is removed, with the node in it, when the process ends.
    static func temporaryDirectory() throws -> String {
        let directory = NSTemporaryDirectory() + "amqp-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let isFirst = directories.withLock { directories in
            directories.append(directory)
            return directories.count == 1
        }
        if isFirst { atexit { Broker.removeAll() } }
        return directory
    }

    private static func removeAll() {
        for directory in directories.withLock({ $0 }) {
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = ["kill", directory]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            if (try? process.run()) != nil { process.waitUntilExit() }
            try? FileManager.default.removeItem(atPath: directory)
        }
    }
}
