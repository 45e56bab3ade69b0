import BatonModel
import BatonStore

/// The events of a run are numbered without gaps, and tell how its tasks and the run itself stand.
final class History: Invariant {
    static let name = "history"

    private var heard: [RunID: Int] = [:]

    func committed(_ commit: Ledger.Commit, _ ledger: Ledger) throws {
        for (run, event) in commit.events {
            guard event.id == run.lastEvent + 1 else { throw Breach("\(run.header.id): event \(event.id) follows \(run.lastEvent)") }
            run.lastEvent = event.id
        }
        for run in commit.runs {
            guard run.progress.lastEvent == run.lastEvent else {
                throw Breach("\(run.header.id) says that its last event is \(run.progress.lastEvent); it is \(run.lastEvent)")
            }
            guard run.told == run.progress.status else {
                throw Breach("\(run.header.id) is \(run.progress.status.rawValue), but its events say \(run.told.rawValue)")
            }
        }
        for step in commit.steps {
            let told = step.task.told ?? .pending
            let status = step.after.status
            // An outcome passes through `running` without a word; validators look at it then.
            if told == status || (told == .queued && status == .running) { continue }
            throw Breach("task \(step.task.definition.spec.id) is \(status.rawValue), but its events say \(told.rawValue)")
        }
    }

    func saw(_ sight: Sight, _ ledger: Ledger) throws {
        guard case .heard(let run, let event) = sight else { return }
        guard let known = ledger.run(run), event <= known.lastEvent else { throw Breach("\(run): event \(event) is heard before it is stored") }
        let last = heard[run] ?? 0
        guard event <= last + 1 else { throw Breach("\(run): event \(event) is heard after \(last)") }
        heard[run] = max(last, event)
    }

    func ended(_ ledger: Ledger) throws {
        for run in ledger.order where (heard[run.header.id] ?? 0) < run.lastEvent {
            throw Breach("\(run.header.id): of \(run.lastEvent) events \(heard[run.header.id] ?? 0) were heard")
        }
    }
}
