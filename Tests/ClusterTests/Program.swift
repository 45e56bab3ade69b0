import Foundation
import Synchronization

/// A process of its own whose output goes to a file. It is killed when the cluster it belongs to ends.
final class Program: Sendable {
    let name: String
    let log: String
    let id: pid_t
    private let ending = Ending()

    private final class Ending: Sendable { let status = Mutex<Int32?>(nil) }

    /// - Parameter environment: on top of this process's own, from which everything of Baton's is taken away.
    init(_ name: String, _ words: [String], log: String, environment: [String: String] = [:]) throws {
        self.name = name
        self.log = log
        let process = Process()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("BATON_") }.merging(environment) { $1 }
        if !FileManager.default.fileExists(atPath: log) { _ = FileManager.default.createFile(atPath: log, contents: nil) }
        guard let output = FileHandle(forWritingAtPath: log) else { throw Failure("can't write \(log)") }
        defer { try? output.close() }
        try output.seekToEnd()
        try output.write(contentsOf: Data("--- \(words.joined(separator: " "))\n".utf8))
        // A file, not a pipe: what the program starts may outlive it, and would hold a pipe open.
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        process.terminationHandler = { [ending] ended in
            let status = ended.terminationReason == .exit ? ended.terminationStatus : -ended.terminationStatus
            ending.status.withLock { $0 = status }
            Interruption.remove(ended.processIdentifier)
        }
        try process.run()
        id = process.processIdentifier
        Interruption.add(id)
        if !process.isRunning { Interruption.remove(id) }
    }

    /// The exit code, or the signal it died of as a negative number; `nil` while it runs.
    var status: Int32? { ending.status.withLock { $0 } }
    var isRunning: Bool { status == nil }

    func signal(_ number: Int32) { if isRunning { kill(id, number) } }

    /// Ends it as a crash would, and returns when it is gone.
    func crash() async throws {
        signal(SIGKILL)
        _ = try await exit(within: .seconds(20))
    }

    /// - Returns: the exit code, or the signal it died of as a negative number.
    @discardableResult
    func exit(within limit: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually("the end of \(name) (process \(id))", within: limit) { status }
    }

    /// What it has written so far.
    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
}

extension String {
    func lastLines(_ count: Int) -> String { split(separator: "\n").suffix(count).joined(separator: "\n") }
}
