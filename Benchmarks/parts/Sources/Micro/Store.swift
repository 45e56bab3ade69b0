import BatonModel
import BatonStore
import Benchmark
import Foundation

/// What a group commit needs: what the completions of so many tasks write, in one transaction that is on disk when it returns.
///
/// Each task's state, its result and an event are written, and once the run's progress. The folder can be named by
/// `BATON_MICRO_FOLDER`, since a disk in memory would show nothing; by default it is the system's for temporary files.
func registerStore() {
    for size in [1, 16, 128] {
        let file = StoreFile()
        Benchmark("Store: a commit of \(size) \(size == 1 ? "task" : "tasks")", configuration: .timed()) { benchmark in
            benchmark.startMeasurement()
            try file.complete(size)
            benchmark.stopMeasurement()
        } setup: {
            try file.open()
        } teardown: {
            file.remove()
        }
    }
}

/// A store in a folder of its own, with one run of a thousand tasks.
private final class StoreFile {
    private static let count = 1000
    private static let now = Timestamp(milliseconds: 1_764_000_000_000)
    private static let result = JSON(["receipt": "r-1"])
    private let folder: URL
    private var opened: (store: SQLiteStore, run: RunNumber)?
    private var next = 0
    private var progress = RunProgress()

    init() {
        let named = ProcessInfo.processInfo.environment["BATON_MICRO_FOLDER"] ?? ""
        let parent = named.isEmpty ? FileManager.default.temporaryDirectory : URL(fileURLWithPath: named)
        folder = parent.appendingPathComponent("baton-micro-\(UUID().uuidString)")
    }

    func open() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let store = try SQLiteStore(path: folder.appendingPathComponent("baton.sqlite").path)
        progress[.queued] = Self.count
        let header = RunHeader(id: Graphs.run, name: "fan-out", correlationID: "c", createdAt: Self.now)
        let run = try store.write { [progress] transaction in
            let run = try transaction.insert(
                NewRun(header: header, digest: [1], input: nil, progress: progress, reply: nil))
            for (index, spec) in Graphs.fanOut(Self.count - 1).tasks.enumerated() {
                // The join's own edges are not what is measured.
                var spec = spec
                spec.dependencies = []
                try transaction.insert(TaskDefinition(spec, dependencies: []), Self.state(.queued), at: TaskKey(run, index))
            }
            return run
        }
        opened = (store, run)
    }

    /// Completes the next tasks in order, and those of before once more when all have been.
    func complete(_ size: Int) throws {
        guard let (store, run) = opened else { return }
        try store.write { transaction in
            for _ in 0..<size {
                let key = TaskKey(run, next % Self.count)
                next += 1
                progress.lastEvent += 1
                try transaction.put(result: Self.result, at: key)
                try transaction.append(
                    StoredEvent(
                        id: progress.lastEvent, at: Self.now, type: .taskCompleted, task: key.task, attempt: 1, data: nil),
                    to: run)
                try transaction.update(Self.state(.completed), at: key)
            }
            try transaction.update(progress, of: run)
        }
    }

    func remove() {
        opened?.store.close()
        opened = nil
        try? FileManager.default.removeItem(at: folder)
    }

    private static func state(_ status: TaskStatus) -> TaskState {
        var state = TaskState(status: status)
        state.attempt = 1
        state.queuedAt = now
        state.firstQueuedAt = now
        if status.isFinal {
            state.worker = "host-17-2k9f"
            state.startedAt = now
            state.finishedAt = now
        }
        return state
    }
}
