import AMQP

/// The messages by which the broker's own limit is measured: those of a small Baton task and of its report, on queues that are
/// there already.
enum LimitMessages {
    static let tasksQueue = "limit.tasks.default.p2"
    static let reportsQueue = "limit.reports.0"

    static func task(_ number: Int) -> Publication {
        let properties = Properties(
            contentType: "application/json",
            headers: [
                "baton-protocol": 1, "baton-run": "01K9Z0EXAMPLERUN", "baton-task": "charge", "baton-handler": "core.echo",
                "baton-attempt": 1, "baton-max-attempts": 1,
            ],
            priority: 2, correlationID: "01K9Z0EXAMPLERUN", replyTo: "0", messageID: "01K9Z0EXAMPLERUN.\(number).1",
            timestamp: 1_764_000_000, type: "task", appID: "baton")
        return Publication(
            exchange: "limit.tasks", routingKey: "default.p2", properties: properties, body: Array(#"{"inputs":{"orderId":42}}"#.utf8))
    }

    static func report(of task: Delivery) -> Publication {
        let properties = Properties(
            contentType: "application/json",
            headers: [
                "baton-protocol": 1, "baton-run": "01K9Z0EXAMPLERUN", "baton-task": "charge", "baton-attempt": 1,
                "baton-worker": "host-17-2k9f", "baton-started": 1_764_000_001_234,
            ],
            correlationID: task.properties.messageID, type: "completed")
        return Publication(
            exchange: "limit.reports", routingKey: task.properties.replyTo ?? "0", properties: properties,
            body: Array(#"{"receipt":"r-1"}"#.utf8))
    }

    /// The number of the task that a report is of.
    static func number(of report: Delivery) -> Int? {
        let parts = (report.properties.correlationID ?? "").split(separator: ".")
        return parts.count == 3 ? Int(parts[1]) : nil
    }
}
