import BatonModel

/// A run's progress on a few lines: a bar, the tasks under way, and the ones that ended last.
struct RunBoard: Sendable {
    static let mostLines = 20
    private static let barWidth = 30

    private struct Active: Sendable {
        var task: TaskID
        var status: TaskStatus
        var since: Timestamp
        var fraction: Double?
        var message: String?
    }

    private let name: String
    private let total: Int
    private let startedAt: Timestamp
    private var counts: [TaskStatus: Int] = [:]
    private var active: [Active] = []
    private var ended: [(line: String, colour: Style.Colour?)] = []

    /// What ended how, so that it can be taken back when it is to run again.
    private var finals: [TaskID: TaskStatus] = [:]
    /// Work that the run added beside its tasks, and doesn't count.
    private var helpers: Set<TaskID> = []

    /// - Parameter isUnderWay: counts what has ended by now; else everything comes by events.
    init(_ run: RunView, isUnderWay: Bool = false) {
        name = run.name
        total = run.total
        startedAt = isUnderWay ? .now : run.createdAt
        guard isUnderWay else { return }
        for status in TaskStatus.allCases where status.isFinal { counts[status] = run.counts[status.rawValue] }
    }

    mutating func apply(_ event: EventView) {
        guard let task = event.task else { return }
        switch event.type {
        case .taskStarted: activate(task, .running, event)
        case .taskRetrying, .attemptLost: activate(task, .retrying, event)
        case .taskQueued:
            if let index = active.firstIndex(where: { $0.task == task }) { active[index].status = .queued }
        case .taskProgress:
            guard let index = active.firstIndex(where: { $0.task == task }) else { return activate(task, .running, event) }
            let data = event.data?.value
            active[index].fraction = data?["fraction"]?.double ?? active[index].fraction
            active[index].message = data?["message"]?.string ?? active[index].message
        case .taskAdded:
            let role = event.data?.value["role"]?.string.flatMap(TaskNode.Role.init(rawValue:))
            if role?.counts == false { helpers.insert(task) }
        case .taskReset:
            active.removeAll { $0.task == task }
            takeBack(task)
        case .taskCompleted: end(task, .completed, event)
        case .taskFailed: end(task, .failed, event)
        case .taskCancelled: end(task, .cancelled, event)
        case .taskSkipped: end(task, .skipped, event)
        default: break
        }
    }

    /// - Parameter height: never more lines than this.
    func lines(width: Int, height: Int, now: Timestamp, style: Style) -> [String] {
        let room = max(1, min(Self.mostLines, height - 1))
        var lines = [bar(width: width, now: now, style: style)]
        let shownEnded = ended.suffix(max(0, min(ended.count, max(3, room - 2 - active.count))))
        for (line, colour) in shownEnded where lines.count < room { lines.append(style(Self.cut(line, width), colour)) }
        for (index, task) in active.enumerated() {
            if lines.count == room - 1, index < active.count - 1 {
                lines.append(style("  … and \(active.count - index) more", .dim))
                break
            }
            guard lines.count < room else { break }
            lines.append(style(Self.cut(text(task, now: now), width), Style.colour(task.status)))
        }
        return lines
    }

    private func bar(width: Int, now: Timestamp, style: Style) -> String {
        let finished = counts.values.reduce(0, +)
        // Tasks that were added on the way.
        let total = max(total, finished)
        let share = total == 0 ? 1 : min(1, (Double(finished) + active.reduce(0) { $0 + ($1.fraction ?? 0) }) / Double(total))
        let filled = Int(share * Double(Self.barWidth))
        let remarks = [(TaskStatus.failed, "failed"), (.cancelled, "cancelled"), (.skipped, "skipped")]
            .compactMap { status, word in counts[status].map { ", \($0) \(word)" } }.joined()
        let text = "\(name) \(finished)/\(total)\(remarks), \((now - startedAt).forPeople)"
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
        return width < Self.barWidth + 12 ? Self.cut(text, width) : style(bar, .green) + " " + Self.cut(text, width - Self.barWidth - 1)
    }

    private func text(_ active: Active, now: Timestamp) -> String {
        var text = "  \(Style.sign(active.status)) \(active.task) \(active.status.rawValue) \((now - active.since).forPeople)"
        if let fraction = active.fraction { text += ", \(Int(fraction * 100)) %" }
        if let message = active.message { text += ", \(Terminal.clean(message))" }
        return text
    }

    private mutating func activate(_ task: TaskID, _ status: TaskStatus, _ event: EventView) {
        active.removeAll { $0.task == task }
        active.append(Active(task: task, status: status, since: event.at, message: event.data?.value["message"]?.string))
    }

    private mutating func end(_ task: TaskID, _ status: TaskStatus, _ event: EventView) {
        if !helpers.contains(task) {
            takeBack(task)
            counts[status, default: 0] += 1
            finals[task] = status
        }
        let data = event.data?.value
        let seen = active.firstIndex { $0.task == task }.map { active.remove(at: $0).since }
        var line = "  \(Style.sign(status)) \(task) \(status.rawValue)"
        if status != .skipped, let start = data?["startedAt"]?.string.flatMap({ Timestamp($0) }) ?? seen {
            line += " (\((event.at - start).forPeople))"
        }
        if let message = data?["message"]?.string { line += " " + Terminal.clean(message) }
        ended.append((line, Style.colour(status)))
        if ended.count > Self.mostLines { ended.removeFirst() }
    }

    private mutating func takeBack(_ task: TaskID) {
        guard let status = finals.removeValue(forKey: task), let count = counts[status] else { return }
        counts[status] = count > 1 ? count - 1 : nil
    }

    private static func cut(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : String(text.prefix(max(0, width - 1))) + "…"
    }
}
