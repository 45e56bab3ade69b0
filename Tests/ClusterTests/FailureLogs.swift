import Foundation
import Synchronization
import Testing

/// The ends of the logs of the cluster under test, for the message of a failure.
enum FailureLogs {
    private struct State {
        var read: (@Sendable () -> String)?
        var isTold = false
    }

    private static let state = Mutex(State())

    /// Clusters come one after the other, so there is one source at a time.
    static func follow(_ read: @escaping @Sendable () -> String) {
        state.withLock { $0 = State(read: read) }
    }

    /// For clusters of which several are there at a time: their failures say themselves what was logged.
    static func followNothing() { state.withLock { $0 = State() } }

    /// Keeps the text: the files are about to go.
    static func freeze() {
        guard let read = state.withLock({ $0.read }) else { return }
        let text = read()
        state.withLock { $0.read = { text } }
    }

    /// The first time it is asked for; later failures of the same test don't repeat it.
    static func take() -> String? {
        let read = state.withLock { state -> (@Sendable () -> String)? in
            defer { state.isTold = true }
            return state.isTold ? nil : state.read
        }
        return read.map { $0() }
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// Adds the last lines of every process's log to the first failure of a test.
    static var withLogs: Self {
        compactMapIssues { issue in
            guard let logs = FailureLogs.take() else { return issue }
            var issue = issue
            issue.comments.append(Comment(rawValue: logs))
            return issue
        }
    }
}
