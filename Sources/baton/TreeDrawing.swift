import BatonModel

/// The tasks of a run, as lines with branches.
struct TreeDrawing {
    let style: Style

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
        text += " " + style(remarks.joined(separator: ", "), .dim)
        if task.status != .completed, let error = task.error { text += style("  " + Terminal.clean(error.message), .red) }
        return text
    }
}
