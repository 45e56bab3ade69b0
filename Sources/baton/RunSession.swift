import BatonClient
import BatonModel
import Foundation
import Synchronization

/// Submits documents and shows runs to their end: what `baton run`, `baton watch` and `baton dev FILE` have in common.
struct RunSession: Sendable {
    let client: BatonClient
    let json: Bool
    let terminal = Terminal()

    init(client: BatonClient, json: Bool = false) {
        self.client = client
        self.json = json
    }

    /// Submits the file (`-` is the standard input) and shows the run.
    ///
    /// - Throws: `UsageError` for a file that can't be read; `ClientError`.
    func run(file: String, key: String? = nil, detach: Bool = false) async throws -> ExitStatus {
        let document = try DocumentFile(file)
        let run = try await client.submit(document: document.bytes, contentType: document.contentType, key: key).submitted
        return try await show(run, detach: detach)
    }

    /// Says which run was made, and shows it to its end unless told otherwise.
    func show(_ run: RunView, detach: Bool, after last: Int = 0) async throws -> ExitStatus {
        if detach {
            Terminal.standardOutput(json ? JSONText.line(run) : run.id.rawValue)
            return .done
        }
        if !json {
            let existing = run.existing == true ? " (its key is known: this is the run made then)" : ""
            Terminal.standardOutput("run \(run.id)\(existing)")
        }
        return try await follow(run, after: last)
    }

    /// Shows what happens until the run's end, then how it ended.
    ///
    /// - Parameter last: the last event that is of no interest, where the run had ended and goes on.
    func follow(_ run: RunView, after last: Int = 0) async throws -> ExitStatus {
        if json {
            for try await event in client.events(of: run.id, after: last) { Terminal.standardOutput(JSONText.line(event)) }
        } else if terminal.isInteractive {
            try await followLive(run, after: last)
        } else {
            var line = EventLine(style: terminal.style)
            for try await event in client.events(of: run.id, after: last) {
                let text = line.text(event)
                if ![.taskQueued, .taskProgress, .taskAdded].contains(event.type) { Terminal.standardOutput(text) }
            }
        }
        let run = try await client.run(run.id)
        if json {
            Terminal.standardOutput(JSONText.line(run))
        } else {
            try await RunSummary(client: client, style: terminal.style).show(run)
        }
        return ExitStatus(of: run.status)
    }

    /// Draws ten times a second, however many events there are.
    private func followLive(_ run: RunView, after last: Int) async throws {
        let board = LiveBoard(RunBoard(run, isUnderWay: last > 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [terminal] in
                var screen = LiveScreen(terminal)
                while !Task.isCancelled {
                    screen.draw(board.value)
                    try? await ContinuousClock().sleep(for: .milliseconds(100))
                }
                screen.draw(board.value)
            }
            defer { group.cancelAll() }
            for try await event in client.events(of: run.id, after: last) { board.apply(event) }
        }
    }
}

/// The board that events change while it is being drawn.
private final class LiveBoard: Sendable {
    private let board: Mutex<RunBoard>

    init(_ board: RunBoard) { self.board = Mutex(board) }

    var value: RunBoard { board.withLock { $0 } }
    func apply(_ event: EventView) { board.withLock { $0.apply(event) } }
}
