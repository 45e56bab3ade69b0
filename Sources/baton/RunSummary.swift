import BatonClient
import BatonModel

/// How a run ended: its results, its failures, and one line that sums it up.
struct RunSummary {
    /// Of each kind of line.
    private static let most = 20
    /// Finding the last tasks means reading all of them.
    private static let largestRun = 10_000

    let client: BatonClient
    let style: Style

    func show(_ run: RunView) async throws {
        if run.total <= Self.largestRun { try await showResults(of: run) }
        try await showFailures(of: run)
        let counts = TaskStatus.allCases.compactMap { status in run.counts[status.rawValue].map { "\($0) \(status.rawValue)" } }
        let duration = run.finishedAt.map { " in \(($0 - run.createdAt).forPeople)" } ?? ""
        Terminal.standardOutput(
            "run \(run.id) \(style(run.status.rawValue, Style.colour(run.status)))\(duration): \(counts.joined(separator: ", "))")
    }

    /// Of the tasks that nothing depends on.
    private func showResults(of run: RunView) async throws {
        let tasks = try await client.allTasks(of: run.id).filter { $0.role?.counts ?? true }
        let needed = Set(tasks.flatMap(\.dependencies))
        let last = tasks.filter { $0.status == .completed && !needed.contains($0.id) }
        for task in last.prefix(Self.most) {
            let result = try await client.task(task.id, of: run.id).result ?? .null
            Terminal.standardOutput("\(style(task.id.rawValue, .bold)): \(result)")
        }
        if last.count > Self.most {
            Terminal.standardOutput("… and \(last.count - Self.most) more results: baton get \(run.id) TASK")
        }
    }

    private func showFailures(of run: RunView) async throws {
        if run.status != .completed, let error = run.error {
            Terminal.standardOutput(style("\(run.status.rawValue): ", .red) + Terminal.clean("\(error.type): \(error.message)"))
        }
        for task in run.notUndone ?? [] {
            Terminal.standardOutput(style("✗ \(task)", .red) + " could not be undone: baton tree \(run.id)")
        }
        guard let count = run.counts[TaskStatus.failed.rawValue], count > 0 else { return }
        for task in try await client.tasks(of: run.id, status: .failed, limit: Self.most).items {
            let reason = task.error.map { "\($0.type): \($0.message)" } ?? "no reason given"
            Terminal.standardOutput("\(style("✗ \(task.id)", .red)) \(Terminal.clean(reason))")
        }
        if count > Self.most { Terminal.standardOutput("… and \(count - Self.most) more failures") }
    }
}

extension BatonClient {
    /// All of them, page by page.
    func allTasks(of run: RunID) async throws -> [TaskView] {
        var all: [TaskView] = []
        var cursor: String?
        repeat {
            let page = try await tasks(of: run, limit: 1000, cursor: cursor)
            all += page.items
            cursor = page.cursor
        } while cursor != nil
        return all
    }
}
