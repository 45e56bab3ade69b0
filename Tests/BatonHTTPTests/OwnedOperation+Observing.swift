import BatonCoordinator
import BatonModel

extension OwnedOperation {
    static let observing: [OwnedOperation] = [
        .init("why(task:of:)", .read) { _ = try await $0.why(task: "a", of: "run-1") },
        .init("why(run:)", .read) { _ = try await $0.why(run: "run-1") },
        .init("graph(of:)", .read) { _ = try await $0.graph(of: "run-1") },
        .init("timeline(of:)", .read) { _ = try await $0.timeline(of: "run-1") },
        .init("logs(of:in:attempt:limit:cursor:)", .read) {
            _ = try await $0.logs(of: "a", in: "run-1", attempt: nil, limit: 1, cursor: nil)
        },
        .init("signal(_:of:payload:)", .change) { _ = try await $0.signal("a", of: "run-1", payload: .null) },
        .init("pause(queue:)", .administer) { _ = try await $0.pause(queue: "default") },
        .init("resume(queue:)", .administer) { _ = try await $0.resume(queue: "default") },
        .init("handlers(slowest:)", .observe) { _ = try await $0.handlers(slowest: 1) },
        .init("metrics()", .observe) { _ = try await $0.metrics() },
    ]
}
