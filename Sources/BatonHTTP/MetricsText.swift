import BatonModel

/// Metrics in the text format of Prometheus, version 0.0.4. Times are in seconds, as its conventions have it.
struct MetricsText {
    private(set) var text = ""

    /// Upper bounds of the histograms' buckets, in seconds.
    private static let bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3600]

    init(_ metrics: MetricsView) {
        cluster(metrics)
        queues(metrics.queues)
        handlers(metrics.handlers.sorted { $0.key < $1.key })
    }

    private mutating func cluster(_ metrics: MetricsView) {
        let counters = metrics.counters
        head("baton_up", "gauge", "Whether the coordinator is ready: connected to the broker, and able to store.")
        sample("baton_up", [], metrics.health.ready ? 1 : 0)
        head("baton_runs_submitted_total", "counter", "Runs accepted since the coordinator started.")
        sample("baton_runs_submitted_total", [], Double(counters.runsSubmitted))
        head("baton_runs_ended_total", "counter", "Runs ended since the coordinator started.")
        for status in RunStatus.allCases where status.isFinal {
            sample("baton_runs_ended_total", [("status", status.rawValue)], Double(counters.runsEnded[status.rawValue] ?? 0))
        }
        head("baton_inputs_total", "counter", "Reports, submissions and requests decided on since the coordinator started.")
        sample("baton_inputs_total", [], Double(counters.inputs))
        head("baton_commit_seconds", "histogram", "How long a transaction took, with all that was decided in it.")
        histogram("baton_commit_seconds", [], counters.commitTime)
        head("baton_store_failures_total", "counter", "Transactions that the store refused since the coordinator started.")
        sample("baton_store_failures_total", [], Double(counters.storeFailures))
        head("baton_outbox_messages", "gauge", "Messages that the broker has not confirmed.")
        sample("baton_outbox_messages", [], Double(counters.outbox))
        head("baton_workers", "gauge", "Workers by state.")
        for (state, workers) in Dictionary(grouping: metrics.workers, by: \.state).sorted(by: { $0.key < $1.key }) {
            sample("baton_workers", [("state", state)], Double(workers.count))
        }
    }

    private mutating func queues(_ queues: [QueueView]) {
        head("baton_queue_waiting_tasks", "gauge", "Ready tasks that wait in the store for room with the broker.")
        levels("baton_queue_waiting_tasks", queues, \.waiting)
        head("baton_queue_published_tasks", "gauge", "Tasks that the broker and the workers have.")
        levels("baton_queue_published_tasks", queues, \.published)
        head("baton_queue_workers", "gauge", "Workers that take from the queue.")
        for queue in queues { sample("baton_queue_workers", [("queue", queue.name.rawValue)], Double(queue.workers)) }
        head("baton_queue_slots", "gauge", "Tasks that the queue's workers can run at a time.")
        for queue in queues { sample("baton_queue_slots", [("queue", queue.name.rawValue)], Double(queue.slots)) }
        head("baton_queue_paused", "gauge", "Whether the queue is paused.")
        for queue in queues { sample("baton_queue_paused", [("queue", queue.name.rawValue)], queue.paused ? 1 : 0) }
    }

    private mutating func levels(_ name: String, _ queues: [QueueView], _ value: (QueueView.Level) -> Int) {
        for queue in queues {
            for level in queue.levels {
                sample(name, [("queue", queue.name.rawValue), ("priority", String(level.priority.rawValue))], Double(value(level)))
            }
        }
    }

    private mutating func handlers(_ handlers: [(key: HandlerName, value: HandlerStatistics)]) {
        head("baton_attempts_total", "counter", "Attempts that have ended, by handler and outcome, since the database was made.")
        for (handler, statistics) in handlers {
            for (outcome, count) in [
                ("completed", statistics.completed), ("failed", statistics.failed), ("lost", statistics.lost),
                ("cancelled", statistics.cancelled),
            ] {
                sample("baton_attempts_total", [("handler", handler.rawValue), ("outcome", outcome)], Double(count))
            }
        }
        head("baton_retries_total", "counter", "Attempts after a task's first.")
        for (handler, statistics) in handlers { sample("baton_retries_total", [("handler", handler.rawValue)], Double(statistics.retries)) }
        head("baton_cached_results_total", "counter", "Results that were there already, for equal inputs.")
        for (handler, statistics) in handlers {
            sample("baton_cached_results_total", [("handler", handler.rawValue)], Double(statistics.cached))
        }
        head("baton_run_seconds", "histogram", "How long attempts ran.")
        for (handler, statistics) in handlers { histogram("baton_run_seconds", [("handler", handler.rawValue)], statistics.runTime) }
        head("baton_queue_seconds", "histogram", "How long attempts waited from ready to started.")
        for (handler, statistics) in handlers { histogram("baton_queue_seconds", [("handler", handler.rawValue)], statistics.queueTime) }
    }

    // MARK: - Text

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty { text += "{" + labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}" }
        text += " \(Self.number(value))\n"
    }

    private mutating func histogram(_ name: String, _ labels: [(String, String)], _ histogram: Histogram) {
        for bound in Self.bounds {
            sample("\(name)_bucket", labels + [("le", Self.number(bound))], Double(histogram.count(upTo: bound * 1000)))
        }
        sample("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
        sample("\(name)_sum", labels, histogram.sum / 1000)
        sample("\(name)_count", labels, Double(histogram.count))
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { String($0) } ?? "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
