import BatonModel

/// What tasks wait for, as lines for people.
struct WhyText {
    let style: Style

    func lines(_ view: RunWhyView) -> [String] {
        var lines = [Terminal.clean(view.text)]
        for task in view.tasks { lines.append("  " + line(task)) }
        if view.isCut == true { lines.append(style("  … and more: baton list the tasks with 'baton tree \(view.run)'", .dim)) }
        return lines
    }

    func lines(_ view: WhyView) -> [String] {
        var lines = [line(view)]
        let known = Set(view.waitsFor.filter { $0.kind == .root }.compactMap(\.task))
        for cause in view.waitsFor {
            guard let line = line(cause, known) else { continue }
            lines.append("  " + line)
        }
        if let count = view.count, count > view.waitsFor.count(where: { $0.kind == .task }) {
            lines.append(style("  … \(count) tasks in all", .dim))
        }
        return lines
    }

    private func line(_ view: WhyView) -> String {
        "\(style.sign(view.status)) \(view.task) \(Terminal.clean(view.text)) \(style("[\(view.reason.rawValue)]", .dim))"
    }

    /// - Parameter known: tasks that another line says more of.
    private func line(_ cause: WhyView.Cause, _ known: Set<TaskID>) -> String? {
        let status = cause.status.flatMap(TaskStatus.init(rawValue:))
        let sign = status.map { style.sign($0) + " " } ?? ""
        switch cause.kind {
        case .task:
            guard let task = cause.task, !known.contains(task) else { return nil }
            let run = cause.run.map { " of run \($0)" } ?? ""
            return "\(sign)\(task)\(run)\(cause.status.map { " is \($0)" } ?? "")"
        case .root:
            return "\(sign)\(cause.task?.rawValue ?? "") \(Terminal.clean(cause.text ?? ""))"
        case .worker:
            guard let worker = cause.worker else { return nil }
            let slots = cause.slots.map { ", \(cause.busy ?? 0) of \($0) slots taken" } ?? ""
            let seen = cause.lastSeenAt.map { ", last heard of at \($0)" } ?? ""
            return "worker \(worker) is \(cause.status ?? "unknown")\(slots)\(seen)"
        case .time, .attempt, .queue, .limit, .answer, .run, .items: return nil
        }
    }
}
