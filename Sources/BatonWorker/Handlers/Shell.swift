import BatonModel
import Foundation
import Synchronization

/// `core.shell`: runs `command` with `/bin/sh`, and returns its exit status and the first 64 KiB of each output. A status other
/// than 0 fails the attempt. `BATON_RUN`, `BATON_TASK` and `BATON_ATTEMPT` (the attempt's id) are in its environment, to make what it
/// does idempotent by. Off unless the worker's operator allows it, since it runs whatever a graph says.
struct Shell: TaskHandler {
    struct Input: Decodable, Sendable {
        var command: String
        /// Added to the worker's own environment.
        var environment: [String: String]?
        var directory: String?
    }

    struct Output: Encodable, Sendable {
        var status: Int
        var output: String
        var error: String
    }

    static let name: HandlerName = "core.shell"
    let isAllowed: Bool

    func run(_ input: Input, _ context: TaskContext) async throws -> Output {
        guard isAllowed else {
            throw TaskError(
                type: "notAllowed",
                message: "core.shell is off; the worker's operator can allow it with BATON_ALLOW_SHELL=true (WorkerConfiguration.allowShell)",
                retryable: false)
        }
        let attempt = ["BATON_RUN": context.runID.rawValue, "BATON_TASK": context.taskID.rawValue, "BATON_ATTEMPT": context.attemptID]
        let output = try await ShellCommand(input, adding: attempt).run()
        guard output.status == 0 else {
            let text = output.error.isEmpty ? output.output : output.error
            throw TaskError(type: "exit", message: "the command ended with status \(output.status): \(text.prefix(1000))")
        }
        return output
    }
}

/// One run of a command. Cancelling the task kills the shell; what the shell has started itself may go on.
final class ShellCommand: Sendable {
    private static let kept = 64 << 10
    private static let program = URL(fileURLWithPath: "/bin/sh")

    private let process: Mutex<Process>
    private let outputs = Mutex<(output: [UInt8], error: [UInt8])>(([], []))

    /// What the input adds to the environment comes before `variables`.
    init(_ input: Shell.Input, adding variables: [String: String]) {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = ["-c", input.command]
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }.merging(input.environment ?? [:]) { $1 }
        if let directory = input.directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        process.standardInput = FileHandle.nullDevice
        self.process = Mutex(process)
    }

    func run() async throws -> Shell.Output {
        let status = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
                start(continuation)
            }
        } onCancel: {
            // Not SIGTERM: the process inherits the signal mask of Dispatch's threads, which block it.
            process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } }
        }
        try Task.checkCancellation()
        return outputs.withLock {
            Shell.Output(
                status: status, output: String(decoding: $0.output, as: UTF8.self), error: String(decoding: $0.error, as: UTF8.self))
        }
    }

    /// Ends when both outputs are closed and the process is gone; what it writes beyond the limit is read and dropped.
    private func start(_ continuation: CheckedContinuation<Int, any Error>) {
        let output = Pipe()
        let error = Pipe()
        let group = DispatchGroup()
        let status = Mutex(0)
        let waiting = Mutex<CheckedContinuation<Int, any Error>?>(continuation)
        let finish: @Sendable () -> Void = {
            let continuation = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            continuation?.resume(returning: status.withLock { $0 })
        }
        let failure: (any Error)? = process.withLock { process in
            process.standardOutput = output
            process.standardError = error
            group.enter()
            process.terminationHandler = { ended in
                status.withLock { $0 = Int(ended.terminationStatus) }
                // Foundation never frees a process that has run, which would keep the pipes open, and two descriptors with them, and
                // all else that it refers to.
                (ended.standardOutput, ended.standardError, ended.environment) = (nil, nil, nil)
                (ended.arguments, ended.terminationHandler) = (nil, nil)
                // Killed: whoever else still holds the outputs open is not waited for.
                if ended.terminationReason == .uncaughtSignal { finish() }
                group.leave()
            }
            do {
                if Task.isCancelled { throw CancellationError() }
                try process.run()
                return nil
            } catch {
                group.leave()
                return error
            }
        }
        if let failure { return continuation.resume(throwing: failure) }
        read(output, group) { bytes in
            self.outputs.withLock { $0.output.append(contentsOf: bytes.prefix(Self.kept - $0.output.count)) }
        }
        read(error, group) { bytes in
            self.outputs.withLock { $0.error.append(contentsOf: bytes.prefix(Self.kept - $0.error.count)) }
        }
        group.notify(queue: .global(), execute: finish)
    }

    /// Blocks a thread of its own: the global queues share theirs with all of Swift's tasks, which two commands would then hold up.
    private func read(_ pipe: Pipe, _ group: DispatchGroup, _ take: @escaping @Sendable (Data) -> Void) {
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        DispatchQueue(label: "baton.shell.output").async(group: group) {
            withExtendedLifetime(pipe) {
                let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
                while let data = try? handle.read(upToCount: Self.kept), !data.isEmpty { take(data) }
            }
        }
    }
}
