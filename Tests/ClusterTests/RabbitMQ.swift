import Foundation
import Synchronization

/// The broker that clusters of tests run on: the one named by `BATON_TEST_AMQP_URL`, or a node started by
/// `deploy/rabbitmq-node`.
struct RabbitMQ: Sendable {
    let url: String
    /// Where the node keeps its files; `nil` for a broker that isn't ours.
    let directory: String?

    /// For tests that leave the broker alone.
    static func common() async throws -> RabbitMQ {
        if let url = ProcessInfo.processInfo.environment["BATON_TEST_AMQP_URL"], !url.isEmpty {
            let directory = ProcessInfo.processInfo.environment["BATON_TEST_RABBITMQ"].flatMap { $0.isEmpty ? nil : $0 }
            return RabbitMQ(url: url, directory: directory)
        }
        return try await commonNode.value
    }

    /// For tests that make accounts on the broker, and leave the rest of it alone.
    static func administered() async throws -> RabbitMQ {
        let broker = try await common()
        return broker.directory == nil ? try await commonNode.value : broker
    }

    /// For tests that kill the broker, one after the other.
    static func disturbed() async throws -> RabbitMQ {
        let node = try await disturbedNode.value
        if try await node.script("status", allowing: [0, 3]).hasPrefix("stopped") { try await node.restart() }
        return node
    }

    // Unstructured because tests share them; each that needs a node awaits it.
    private static let commonNode = Task { try await start() }
    private static let disturbedNode = Task { try await start() }

    private static func start() async throws -> RabbitMQ {
        let directory = try temporaryDirectory("node")
        let program = try Program(
            "rabbitmq-node start", ["/bin/bash", Repository.path("deploy/rabbitmq-node"), "start", directory],
            log: directory + "/start.log")
        guard try await program.exit(within: .seconds(120)) == 0 else { throw Failure("no broker: \(program.output)") }
        let url = try String(contentsOfFile: directory + "/amqp-url", encoding: .utf8)
        let node = RabbitMQ(url: url.trimmingCharacters(in: .whitespacesAndNewlines), directory: directory)
        for process in node.processes { Interruption.add(process) }
        return node
    }

    /// The address for another account, given as `name:password`.
    func url(_ account: String?) -> String {
        guard let account, let start = url.range(of: "://"), let end = url.lastIndex(of: "@") else { return url }
        return url[..<start.upperBound] + account + url[end...]
    }

    /// As a crash would.
    func kill() async throws {
        for process in processes { Interruption.remove(process) }
        try await script("kill")
    }

    /// With the same address and data.
    func restart() async throws {
        try await script("restart")
        for process in processes { Interruption.add(process) }
    }

    /// The node's own, and that of its name server.
    private var processes: [pid_t] {
        ["pid", "epmd.pid"].compactMap { file in
            let text = try? String(contentsOfFile: (directory ?? "") + "/" + file, encoding: .utf8)
            return text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
    }

    /// Runs `rabbitmqctl` against the node.
    func control(_ words: String...) async throws { try await script("ctl", words) }

    /// Runs `deploy/rabbitmq/users` against the node.
    ///
    /// - Returns: what it wrote, which for a new account is its password.
    @discardableResult
    func users(_ words: [String]) async throws -> String {
        guard let directory else { throw Failure("this broker belongs to somebody else") }
        let log = FileManager.default.temporaryDirectory.appending(path: "users-\(UUID().uuidString).log").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        let control = "/bin/bash \(Repository.path("deploy/rabbitmq-node")) ctl \(directory)"
        let program = try Program(
            "users \(words[0])", ["/bin/bash", Repository.path("deploy/rabbitmq/users")] + words, log: log,
            environment: ["RABBITMQCTL": control])
        let status = try await program.exit(within: .seconds(120))
        let output = program.output.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
        guard status == 0 else { throw Failure("users failed (\(status)): \(output)") }
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    private func script(_ command: String, _ words: [String] = [], allowing statuses: Set<Int32> = [0]) async throws -> String {
        guard let directory else { throw Failure("this broker belongs to somebody else") }
        let log = directory + "/script-\(UUID().uuidString).log"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let program = try Program(
            "rabbitmq-node \(command)", ["/bin/bash", Repository.path("deploy/rabbitmq-node"), command, directory] + words, log: log)
        let status = try await program.exit(within: .seconds(120))
        let output = program.output.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
        guard statuses.contains(status) else { throw Failure("rabbitmq-node \(command) failed (\(status)): \(output)") }
        return output
    }

    // MARK: Directories

    private static let directories = Mutex<[String]>([])

    /// A directory that is removed, with the node in it, when this process ends.
    private static func temporaryDirectory(_ name: String) throws -> String {
        let directory = FileManager.default.temporaryDirectory.appending(path: "baton-cluster-\(name)-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let isFirst = directories.withLock { directories in
            directories.append(directory)
            return directories.count == 1
        }
        if isFirst { atexit { RabbitMQ.removeAll() } }
        return directory
    }

    private static func removeAll() {
        for directory in directories.withLock({ $0 }) {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = [Repository.path("deploy/rabbitmq-node"), "kill", directory]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            if (try? process.run()) != nil { process.waitUntilExit() }
            try? FileManager.default.removeItem(atPath: directory)
        }
    }
}
