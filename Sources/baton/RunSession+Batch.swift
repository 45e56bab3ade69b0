import BatonClient
import BatonModel

extension RunSession {
    /// What one call submits at most, in documents and in bytes.
    private static let batchCount = 1000
    private static let batchBytes = 16 << 20
    /// Runs that are waited for at once.
    private static let window = 200

    /// What became of one file, as a line of JSON.
    private struct FileOutcome: Encodable {
        var file: String
        var run: RunView?
        var problem: Problem?
    }

    /// Submits many files together, and says how each ended. A wrong one leaves the others alone.
    ///
    /// - Returns: `usage` where a document was refused, else `failed` where a run did not complete.
    /// - Throws: `UsageError` for a file that can't be read, before anything is submitted; `ClientError`.
    func run(files: [String], detach: Bool) async throws -> ExitStatus {
        let documents = try files.map { file throws(UsageError) in (file, try DocumentFile(file).graph) }
        var runs: [(file: String, run: RunHandle)] = []
        var status = ExitStatus.done
        for part in Self.parts(of: documents) {
            let sent = part.compactMap { try? $0.1.get() }
            var outcomes = (sent.isEmpty ? [] : try await client.submit(batch: sent)).makeIterator()
            for (file, document) in part {
                let outcome = document.flatMap { _ in outcomes.next() ?? .failure(Self.unanswered) }
                switch outcome {
                case .success(let run):
                    runs.append((file, run))
                    if json, detach { show(FileOutcome(file: file, run: run.submitted)) }
                    if !json { Terminal.standardOutput(detach ? run.id.rawValue : "\(Terminal.clean(file)): run \(run.id)") }
                case .failure(let problem):
                    status = ExitStatus(of: problem.refusal, status: problem.status)
                    report(problem, of: file)
                }
            }
        }
        if detach { return status }
        let end = try await wait(for: runs)
        return status == .done ? end : status
    }

    /// Says how each run ended, as they end.
    private func wait(for runs: [(file: String, run: RunHandle)]) async throws -> ExitStatus {
        var status = ExitStatus.done
        let show = { (file: String, run: RunView) in
            if run.status != .completed { status = .failed }
            if json { return self.show(FileOutcome(file: file, run: run)) }
            let style = terminal.style
            let reason = run.status == .completed ? "" : run.error.map { ": \($0.type): \($0.message)" } ?? ""
            Terminal.standardOutput(
                "\(Terminal.clean(file)): run \(run.id) \(style(run.status.rawValue, Style.colour(run.status)))\(Terminal.clean(reason))")
        }
        try await withThrowingTaskGroup(of: (String, RunView).self) { group in
            for (index, (file, run)) in runs.enumerated() {
                if index >= Self.window, let (file, run) = try await group.next() { show(file, run) }
                group.addTask { (file, try await run.wait()) }
            }
            for try await (file, run) in group { show(file, run) }
        }
        return status
    }

    private func show(_ outcome: FileOutcome) { Terminal.standardOutput(JSONText.line(outcome)) }

    private func report(_ problem: Problem, of file: String) {
        if json { show(FileOutcome(file: file, problem: problem)) }
        let lines = problem.problems?.map { "\n  " + Terminal.clean("\($0)") } ?? [" " + Terminal.clean(problem.detail)]
        Terminal.standardError("baton: \(Terminal.clean(file)) was refused:\(lines.joined())")
    }

    /// As many calls as it takes.
    private static func parts(of documents: [(String, Result<JSON, Problem>)]) -> [[(String, Result<JSON, Problem>)]] {
        var parts: [[(String, Result<JSON, Problem>)]] = []
        var bytes = 0
        for document in documents {
            let size = (try? document.1.get().bytes.count) ?? 0
            if parts.isEmpty || parts[parts.count - 1].count == batchCount || bytes + size > batchBytes {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(document)
            bytes += size
        }
        return parts
    }

    private static let unanswered = Problem(
        type: "urn:baton:problem:unexpected", title: "Unexpected error", status: 500, detail: "the coordinator gave no outcome")
}

extension DocumentFile {
    /// As JSON, for a list of documents; YAML is read here, since lists of documents are JSON.
    fileprivate var graph: Result<JSON, Problem> {
        let start = bytes.first { $0 > 0x20 }
        do throws(InvalidGraph) {
            if contentType == "application/json" || start == UInt8(ascii: "{") {
                do throws(JSONError) { return .success(try JSON(parsing: bytes)) } catch {
                    throw InvalidGraph("the document is not JSON: \(error)")
                }
            }
            return .success(try GraphReader.read(document: bytes).document)
        } catch {
            return .failure(
                Problem(
                    type: "urn:baton:problem:invalidGraph", title: "Invalid graph", status: 422, detail: "\(error)",
                    problems: error.problems))
        }
    }
}
