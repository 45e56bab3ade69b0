import BatonModel

/// One event as a line: `12:00:01 charge completed (0.2 s)`.
struct EventLine {
    let style: Style
    /// When tasks started, by what has been seen.
    private var starts: [TaskID: Timestamp] = [:]
    private var runStart: Timestamp?

    init(style: Style) { self.style = style }

    mutating func text(_ event: EventView) -> String {
        let data = event.data?.value
        var words = event.task.map { [Terminal.clean($0.rawValue)] } ?? ["run"]
        words.append(style(Self.verb(event.type), Self.colour(event.type)))
        var remarks: [String] = []
        switch event.type {
        case .runSubmitted: runStart = event.at
        case .taskStarted:
            if let task = event.task { starts[task] = event.at }
            if let worker = data?["worker"]?.string { remarks.append("on \(worker)") }
        case .taskAdded:
            if let origin = data?["for"]?.string { remarks.append("\(data?["role"]?.string ?? "work") for \(origin)") }
        case .taskRouted:
            if let route = data?["route"]?.string { remarks.append("to \(route)") }
        case .taskProgress:
            if let fraction = data?["fraction"]?.double { remarks.append("\(Int(fraction * 100)) %") }
        default: break
        }
        if let attempt = event.attempt, attempt > 1 { remarks.append("attempt \(attempt)") }
        if let start = start(of: event, data) { remarks.append((event.at - start).forPeople) }
        if !remarks.isEmpty { words.append(style("(\(Terminal.clean(remarks.joined(separator: ", "))))", .dim)) }
        if let message = data?["message"]?.string ?? data?["reason"]?.string { words.append(Terminal.clean(message)) }
        return "\(style(event.at.timeOfDay, .dim)) \(words.joined(separator: " "))"
    }

    /// Where the event ends something: when that began.
    private mutating func start(of event: EventView, _ data: JSONValue?) -> Timestamp? {
        switch event.type {
        case .taskCompleted, .taskFailed, .taskCancelled, .taskRetrying:
            let seen = event.task.flatMap { starts.removeValue(forKey: $0) }
            return data?["startedAt"]?.string.flatMap { Timestamp($0) } ?? seen
        case .runCompleted, .runFailed, .runCancelled: return runStart
        default: return nil
        }
    }

    private static func verb(_ type: EventType) -> String {
        switch type {
        case .attemptLost: "lost its worker"
        case .attemptReturned: "was given back too often, and is sent again"
        case .reportDiscarded: "reported too late"
        default: type.rawValue.split(separator: ".").last.map(String.init) ?? type.rawValue
        }
    }

    private static func colour(_ type: EventType) -> Style.Colour? {
        switch type {
        case .runCompleted, .taskCompleted: .green
        case .runFailed, .taskFailed: .red
        case .taskRetrying, .attemptLost, .attemptReturned, .runCancelling, .taskCancelling: .yellow
        case .runRestarted, .runCompensating, .taskReset, .taskRejected: .yellow
        case .taskStarted, .taskRouted: .cyan
        case .taskSkipped, .taskCancelled, .runCancelled, .reportDiscarded: .dim
        case .runSubmitted, .taskScheduled, .taskQueued, .taskProgress, .taskAdded: nil
        }
    }
}
