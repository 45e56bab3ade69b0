import Foundation
import Synchronization

/// The worker under test, where it is a command: started, and started again when it ends, as a supervisor would.
final class Candidate: Sendable {
    private struct State {
        var process: Process?
        var isStopping = false
        var launches = 0
    }

    private static let restartAfter = 0.2
    private static let maximumLaunches = 20

    private let command: [String]
    private let environment: [String: String]
    private let journal: Journal
    private let state = Mutex(State())

    /// - Parameters:
    ///   - command: at least one word.
    ///   - environment: on top of this process's own.
    init(command: [String], environment: [String: String], journal: Journal) {
        self.command = command
        self.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        self.journal = journal
    }

    /// - Throws: `ConformanceError` where there is no such program.
    func start() throws(ConformanceError) {
        let process = Process()
        process.executableURL = URL(filePath: try Self.find(command[0], environment["PATH"] ?? "/usr/bin:/bin"))
        process.arguments = Array(command.dropFirst())
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        // The standard output is for the findings.
        process.standardOutput = FileHandle.standardError
        process.standardError = FileHandle.standardError
        process.terminationHandler = { [weak self] process in self?.ended(process) }
        journal.note(.launched)
        do {
            try process.run()
        } catch {
            throw ConformanceError("'\(command[0])' can't be started: \(error.localizedDescription)", code: .usage)
        }
        let isLate = state.withLock { state in
            state.process = process
            state.launches += 1
            return state.isStopping
        }
        if isLate { process.terminate() }
    }

    private func ended(_ process: Process) {
        let isKilled = process.terminationReason == .uncaughtSignal
        journal.note(.exited(isKilled ? -process.terminationStatus : process.terminationStatus))
        let mayStart = state.withLock { !$0.isStopping && $0.launches < Self.maximumLaunches }
        guard mayStart else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.restartAfter) {
            guard self.state.withLock({ !$0.isStopping }) else { return }
            try? self.start()
        }
    }

    /// Asks it to leave, and ends it where it doesn't.
    func stop() async {
        let process = state.withLock { state in
            state.isStopping = true
            return state.process
        }
        guard let process, process.isRunning else { return }
        process.terminate()
        let deadline = ContinuousClock.now + .seconds(5)
        while process.isRunning, .now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    private static func find(_ program: String, _ path: String) throws(ConformanceError) -> String {
        if program.contains("/") { return program }
        let candidates = path.split(separator: ":").map { "\($0)/\(program)" }
        guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
            throw ConformanceError("there is no program '\(program)' in the PATH", code: .usage)
        }
        return found
    }
}
