import BatonModel
import BatonWire
import Benchmark

/// What messages need to be made and read: properties, headers and body. The frames are AMQP's, and are measured there.
func registerWire() {
    let task = exampleTask()
    let taskMessage = task.message
    let report = Report(
        .completed(result: JSON(["receipt": "r-1", "amount": 250])), of: task.attempt, by: "host-17-2k9f",
        startedAt: Timestamp(milliseconds: 1_764_000_001_234))
    let reportMessage = report.message(task: task.task)

    Benchmark("Wire: a task's message is made", configuration: .counted(.kilo)) { benchmark in
        benchmark.counting { for _ in benchmark.scaledIterations { blackHole(task.message) } }
    }
    Benchmark("Wire: a task's message is read", configuration: .counted(.kilo)) { benchmark in
        try benchmark.counting { for _ in benchmark.scaledIterations { blackHole(try TaskMessage(taskMessage)) } }
    }
    Benchmark("Wire: a report's message is made", configuration: .counted(.kilo)) { benchmark in
        benchmark.counting { for _ in benchmark.scaledIterations { blackHole(report.message(task: task.task)) } }
    }
    Benchmark("Wire: a report's message is read", configuration: .counted(.kilo)) { benchmark in
        try benchmark.counting { for _ in benchmark.scaledIterations { blackHole(try Report(reportMessage)) } }
    }
}

private func exampleTask() -> TaskMessage {
    TaskMessage(
        attempt: AttemptID(run: Graphs.run, task: 17, number: 1), task: "charge", handler: "orders.charge", correlationID: "order-4711",
        priority: .normal, replyTo: "0", maxAttempts: 3, timeout: .seconds(30),
        sentAt: Timestamp(milliseconds: 1_764_000_000_000),
        body: TaskMessage.Body(
            inputs: JSON(["orderId": 4711, "reserve": ["warehouse": "north", "shelf": 12]]), params: JSON(["currency": "EUR"])))
}
