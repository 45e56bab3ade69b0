import BatonEngine
import BatonModel

/// What must hold after every event.
extension RunDriver {
    /// - Throws: `Inconsistency`.
    func check(since before: MemoryStore) throws {
        func expect(_ holds: Bool, _ text: @autoclosure () -> String) throws {
            if !holds { throw Inconsistency(description: text()) }
        }
        try expect(store.twice.isEmpty, "two tasks have one id: \(store.twice)")
        let fresh = rebuilt()
        for task in state.nodes.indices {
            var inMemory = state.tasks[task]
            let waiting = inMemory.waiting
            inMemory.waiting = 0
            try expect(inMemory == store.states[task], "\(id(task)) isn't stored as it is: \(inMemory), \(store.states[task])")
            if !inMemory.status.isFinal {
                try expect(fresh.nodes.has(task) && fresh.nodes[task] == state.nodes[task], "\(id(task)) isn't restored as it was")
                let counts = inMemory.status == .pending && (state.progress.ending == nil || state.nodes[task].isCleanup)
                try expect(!counts || fresh.tasks[task].waiting == waiting, "\(id(task)) waits for \(waiting), restored for \(fresh.tasks[task].waiting)")
            }
        }
        let reset = Set(last.compactMap { if case .event(.taskReset, let task, _, _) = $0 { task } else { nil } })
        var counts = RunProgress().counts
        for (task, now) in store.states.enumerated() {
            if store.added[task]?.role.counts ?? true { counts[now.status.position] += 1 }
            try check(task, now)
            guard task < before.states.count, !reset.contains(task) else { continue }
            let was = before.states[task].status
            let retired = !reset.isEmpty && store.added[task] != nil && now.status == .skipped
            try expect(Self.reaches[was]?.contains(now.status) ?? false || retired, "\(id(task)) went from \(was) to \(now.status)")
        }
        let progress = state.progress
        try expect(counts == progress.counts, "the counts are \(progress.counts), the tasks' \(counts)")
        try expect((0...1).contains(progress.progress), "the progress is \(progress.progress)")
        try expect(abs(progress.fraction - runningFraction) < 1e-6, "the fraction is \(progress.fraction), the tasks' \(runningFraction)")
        try expect(store.finished == (progress.status.isFinal ? 1 : 0), "\(store.finished) ends of a run that is \(progress.status)")
        try expect((progress.finishedAt != nil) == progress.status.isFinal, "finishedAt is \(String(describing: progress.finishedAt))")
        if progress.status.isFinal {
            let late = state.nodes.indices.filter {
                state.nodes[$0].counts && !state.tasks[$0].status.isFinal && !state.nodes[$0].isCleanup
            }
            try expect(late.isEmpty, "the run has ended, but not \(late.map(id))")
        }
        let orders = store.states.map(\.order).filter { $0 > 0 }
        try expect(Set(orders).count == orders.count, "two tasks completed at the same place")
    }

    private func check(_ task: Int, _ now: TaskState) throws {
        func expect(_ holds: Bool, _ text: String) throws {
            if !holds { throw Inconsistency(description: "\(id(task)), \(now.status): \(text)") }
        }
        let result = store.results[task]
        let error = store.errors[task]
        switch now.status {
        case .completed: try expect((result != nil || now.flags.contains(.linked)) && error == nil, "needs a result, and no error")
        case .failed, .cancelled, .skipped: try expect(result == nil && error != nil, "needs an error, and no result")
        case .queued, .running, .retrying: try expect(result == nil, "has a result")
        case .pending, .scheduled: try expect(result == nil && error == nil, "has a result or an error")
        }
        try expect((now.finishedAt != nil) == now.status.isFinal, "finishedAt")
        if let started = now.startedAt, let finished = now.finishedAt { try expect(started <= finished, "started after its end") }
        try expect((0...1).contains(now.progress) && (now.status == .running || now.progress == 0), "progress")
        let timers = Set((store.timers[task] ?? [:]).keys)
        try expect(timers == Set(now.timers.kinds), "timers \(timers), \(now.timers.kinds)")
        try expect(!now.status.isFinal || timers.isEmpty, "timers after its end")
        try expect((now.order > 0) == (now.status == .completed && (store.added[task]?.role.counts ?? true)), "order")
        try expect(!now.status.isFinal || store.parts[task]?[.draft] == nil, "a draft after its end")
    }

    private var runningFraction: Double {
        if state.progress.status.isFinal { return state.progress.fraction }
        return store.states.indices.reduce(0) { sum, task in
            sum + (store.added[task]?.role.counts ?? true ? Double(store.states[task].progress) : 0)
        }
    }

    /// What each status can become in any number of allowed steps.
    private static let reaches: [TaskStatus: Set<TaskStatus>] = {
        var reaches: [TaskStatus: Set<TaskStatus>] = [:]
        for from in TaskStatus.allCases {
            var found: Set = [from]
            var open = [from]
            while let status = open.popLast() {
                for next in TaskStatus.allCases where status.canBecome(next) && found.insert(next).inserted { open.append(next) }
            }
            reaches[from] = found
        }
        return reaches
    }()
}
