public import BatonModel

/// The attempts of a run by task, in the order in which the tasks became ready.
public struct TimelineRows: Sendable {
    public struct Row: Sendable {
        public var task: TaskID
        public var bars: [RunTimeline.Bar]
    }

    public let rows: [Row]
    /// Tasks beyond the limit.
    public let omitted: Int
    public let start: Timestamp
    public let end: Timestamp

    public init(_ timeline: RunTimeline, limit: Int) {
        var places: [TaskID: Int] = [:]
        var rows: [Row] = []
        for bar in timeline.bars {
            if let place = places[bar.task] {
                rows[place].bars.append(bar)
            } else {
                places[bar.task] = rows.count
                rows.append(Row(task: bar.task, bars: [bar]))
            }
        }
        let first = { (row: Row) in row.bars.map(\.queuedAt).min() ?? timeline.createdAt }
        let sorted = rows.enumerated().sorted { (first($0.element), $0.offset) < (first($1.element), $1.offset) }.map(\.element)
        self.rows = Array(sorted.prefix(limit))
        omitted = max(0, sorted.count - limit)
        start = min(timeline.createdAt, timeline.bars.map(\.queuedAt).min() ?? timeline.createdAt)
        let last = timeline.finishedAt ?? timeline.at
        end = max(start + .milliseconds(1), max(last, timeline.bars.compactMap(\.finishedAt).max() ?? last))
    }

    /// How far into the whole a time is, from 0 to 1.
    public func fraction(_ time: Timestamp) -> Double {
        let whole = Double((end - start).milliseconds)
        return min(1, max(0, Double((time - start).milliseconds) / max(1, whole)))
    }

    /// When the bar's waiting and its running end.
    func ends(of bar: RunTimeline.Bar) -> (waiting: Timestamp, running: Timestamp) {
        let finish = bar.finishedAt ?? end
        return (bar.startedAt ?? finish, finish)
    }
}

extension RunTimeline.Bar {
    /// The status by which it is drawn once it has started.
    public var shown: TaskStatus {
        switch status {
        case "completed": .completed
        case "failed", "lost", "retrying": .failed
        case "cancelled", "skipped": .cancelled
        default: startedAt == nil ? .queued : .running
        }
    }
}
