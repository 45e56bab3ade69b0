import BatonModel

extension Fields {
    init(_ run: RunView) {
        self.init()
        add("run", run.id.rawValue)
        add("name", run.name)
        add("status", run.status.rawValue, Style.colour(run.status))
        add("key", run.key)
        add("correlation", run.correlationId)
        add("owner", run.owner)
        if let origin = run.origin {
            switch run.kind {
            case .copy: add("copy of", origin.rawValue)
            case .link: add("link to", origin.rawValue)
            case .archive: add("archive of", "\(origin) (never changed)")
            case .mixed: add("mixed from", origin.rawValue)
            case nil: add("made from", origin.rawValue)
            }
        }
        add("task of", run.parent.map { "run \($0.run), task \($0.task)" })
        add("family", run.family.flatMap { $0 == run.id ? nil : "\($0) (all of it: baton list --family \($0))" })
        add("schedule", run.schedule)
        add("created", run.createdAt.dateAndTime)
        add("finished", run.finishedAt.map { "\($0.dateAndTime) (\(($0 - run.createdAt).forPeople))" })
        add("progress", "\(Int(run.progress * 100)) % of \(run.total) tasks")
        for status in TaskStatus.allCases {
            add("  \(status.rawValue)", run.counts[status.rawValue].map(String.init), Style.colour(status))
        }
        add("error", run.error)
        add("failed, not critical", run.nonCriticalFailures)
        add("skipped", run.skipped)
        add("undone", run.undone)
        add("not undone", run.notUndone, .red)
    }

    init(_ task: TaskView) {
        self.init()
        add("task", task.id.rawValue)
        add("handler", task.handler.rawValue)
        add("status", task.status.rawValue, Style.colour(task.status))
        if let token = task.token, !task.status.isFinal { add("waits for an answer", "baton answer \(token) --result JSON", .yellow) }
        if let linked = task.linkedTo { add("linked to", "run \(linked.run), task \(linked.task)") }
        if let child = task.child { add("child run", "\(child) (baton tree \(child))") }
        add("items", task.items.map(\.text))
        add("queue", "\(task.queue), priority \(task.priority)")
        add("parent", task.parent?.rawValue)
        add(task.role.map { "\($0.rawValue) for" } ?? "added for", task.causedBy?.rawValue)
        add("dependencies", task.dependencies)
        add("attempts", "\(task.attempts) of \(task.maxAttempts)")
        add("iteration", task.iteration.flatMap { $0 > 0 ? "\($0)" : nil })
        add("feedback", task.feedback?.description)
        add("worker", task.worker?.rawValue)
        add("queued", task.queuedAt?.dateAndTime)
        add("started", task.startedAt?.dateAndTime)
        add("finished", task.finishedAt?.dateAndTime)
        add("goes on", task.dueAt?.dateAndTime)
        add("progress", task.progress.map { "\(Int($0 * 100)) % \(task.progressMessage ?? "")" })
        add("error", task.error)
        add("inputs", task.inputs?.description)
        add("params", task.params?.description)
        add("result", task.result?.description)
        add("made by", task.madeBy.map { "\($0) (the fallback)" })
        if task.cached == true { add("cached", "the result was stored before, for equal inputs") }
        if task.undone == true { add("undone", "what it did has been undone") }
        for attempt in task.history ?? [] {
            let worker = attempt.worker.map { " on \($0)" } ?? ""
            let reason = attempt.error.map { ": \($0.type): \($0.message)" } ?? ""
            add("  attempt \(attempt.number)", attempt.status + worker + reason)
        }
    }

    init(_ schedule: ScheduleView) {
        self.init()
        add("schedule", schedule.name)
        add("status", schedule.status.rawValue, Style.colour(schedule.status))
        add("next", schedule.next?.dateAndTime)
        add("last", schedule.lastScheduled?.dateAndTime)
        if let run = schedule.lastRun { add("last run", "\(run) (baton get \(run))") }
        add("runs", "\(schedule.started)")
        add("missed", schedule.missed == 0 ? nil : "\(schedule.missed)")
        add("overlapped", schedule.overlapped == 0 ? nil : "\(schedule.overlapped)")
        add("waiting", schedule.waiting == 0 ? nil : "\(schedule.waiting) for the end of earlier runs")
        add("created", schedule.createdAt.dateAndTime)
        add("document", schedule.document?.description)
    }
}

extension LoopView {
    /// `12 of 40 ended, 3 running, 1 failed`.
    var text: String {
        "\(ended) of \(total) ended" + (running > 0 ? ", \(running) running" : "") + (failed > 0 ? ", \(failed) failed" : "")
    }
}
