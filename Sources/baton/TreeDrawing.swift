import BatonModel

/// The tasks of a run, as lines with branches.
struct TreeDrawing {
    let style: Style
    /// Tasks whose work could not be undone.
    var notUndone: Set<TaskID> = []

    func lines(_ tree: TaskTree) -> [String] {
        var lines: [String] = []
        // For each level above: whether another sibling follows, so that its branch goes on.
        var goesOn: [Bool] = []
        tree.walk { task, depth, isLast in
            goesOn.removeLast(goesOn.count - depth)
            // At the top there are no branches to draw.
            let above = goesOn.dropFirst().map { $0 ? "│   " : "    " }.joined()
            let branch = depth == 0 ? "" : isLast ? "└── " : "├── "
            lines.append(above + branch + text(task))
            goesOn.append(!isLast)
        }
        return lines
    }

    private func text(_ task: TaskView) -> String {
        var text = "\(style.sign(task.status)) \(task.id)"
        var remarks = [task.handler.rawValue]
        if let start = task.startedAt, let end = task.finishedAt { remarks.append((end - start).forPeople) }
        if task.attempts > 1 { remarks.append("attempt \(task.attempts) of \(task.maxAttempts)") }
        if task.status == .running, let progress = task.progress { remarks.append("\(Int(progress * 100)) %") }
        remarks += origin(of: task)
        text += " " + style(remarks.joined(separator: ", "), .dim)
        if notUndone.contains(task.id) { text += style("  not undone", .red) }
        if let token = task.token, !task.status.isFinal {
            text += style("  waits for an answer: baton answer \(token) --result JSON", .yellow)
        }
        if task.status != .completed, let error = task.error { text += style("  " + Terminal.clean(error.message), .red) }
        return text
    }

    /// Where the task, or its result, comes from; and what there is of it elsewhere.
    private func origin(of task: TaskView) -> [String] {
        var remarks: [String] = []
        if let role = task.role { remarks.append(task.causedBy.map { "\(role.rawValue) for \($0)" } ?? role.rawValue) }
        if let linked = task.linkedTo { remarks.append("linked to \(linked.task) of run \(linked.run)") }
        if let child = task.child { remarks.append("run \(child)") }
        if let items = task.items { remarks.append("items: \(items.text)") }
        if let iteration = task.iteration, iteration > 0 { remarks.append("iteration \(iteration)") }
        if let handler = task.madeBy { remarks.append("made by the fallback \(handler)") }
        if task.cached == true { remarks.append("from the cache") }
        if task.undone == true { remarks.append("undone") }
        return remarks
    }
}
