import BatonClient
import BatonModel
import BatonWorker
import Foundation

/// The order as a graph of typed steps: a decision, two steps at once that can be undone, a loop, and a mail that follows. Submits
/// it, shows what happens, and stops; the worker it needs runs beside it.
///
///     baton coordinator &                      # beside a RabbitMQ; both are found in BATON_AMQP_URL
///     swift run OrderGraph                     # the order arrives
///     swift run OrderGraph A-1042-lost         # the parcel is lost: the card is refunded, the stock released
///     swift run OrderGraph A-1042 none         # the card is refused, after retries
@main
struct OrderGraph {
    static let queue: QueueName = "shop"

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let cart = Cart(
            id: arguments.first ?? "A-1042", card: arguments.dropFirst().first ?? "tok_4f7c21",
            lines: [Line(sku: "tea-assam-250g", quantity: 2, cents: 895), Line(sku: "teapot-cast-iron", quantity: 1, cents: 4900)])
        let client = BatonClient(server: ProcessInfo.processInfo.environment["BATON_SERVER"] ?? "http://127.0.0.1:7070")
        let worker = try makeWorker()
        let status = try await withThrowingTaskGroup(of: RunStatus?.self) { group in
            group.addTask {
                try await worker.run()
                return nil
            }
            group.addTask { try await follow(try await client.submit(graph(of: cart))) }
            let status = try await group.next() ?? nil
            group.cancelAll()
            return status
        }
        exit(status == .completed ? 0 : 1)
    }

    static func graph(of cart: Cart) throws -> Graph {
        try Graph("order", correlationID: cart.id, timeout: .seconds(600)) {
            let order = Step(Validate.self, cart).queue(queue)
            let screen = Step(Screen.self, order.result).queue(queue)

            // Both at once, where the order is accepted. What has completed is undone should a later step fail.
            let stock = Step(Reserve.self, order.result).after(screen).queue(queue).compensate(Release.self)
            let paid = Step(Charge.self, order.result).after(screen).queue(queue).priority(.high)
                .retry(RetryPolicy(maxAttempts: 3, delay: .milliseconds(200)))
                .compensate(Refund.self, retry: RetryPolicy(maxAttempts: 10))

            // Once for each line; its result is the list of boxes.
            let boxes = Step(Pack.self).after(stock).queue(queue).forEach(\.line, in: order.result.select(\.lines), maxParallel: 2)

            Step(Ship.self).queue(queue)
                .with(\.order, order.result)
                .with(\.receipt, paid.result)  // another type doesn't compile
                .with(\.boxes, boxes.result)
                .onCompleted { Step(Notify.self, .init(text: "your order is on its way")).queue(queue).critical(false) }

            let refusal = Step(Notify.self, .init(text: "we can't take your order")).id("refusal").after(screen).queue(queue)
            screen.route(.accept, to: stock, paid).route(.refuse, to: refusal)
        }
    }

    static func follow(_ run: RunHandle) async throws -> RunStatus {
        print("run \(run.id)")
        for try await event in run.events {
            print("  \(event.type.rawValue) \(event.task?.rawValue ?? "")")
        }
        let ended = try await run.wait()
        if ended.status == .completed, let parcel = try? await run.result(of: "ship", as: Parcel.self) {
            print("\(parcel.trackingNumber), \(parcel.grams) g")
        }
        print("\(ended.status.rawValue)\(ended.error.map { ": \($0.message)" } ?? "")")
        if let undone = ended.undone { print("undone: \(undone.map(\.rawValue).joined(separator: ", "))") }
        if let notUndone = ended.notUndone { print("not undone: \(notUndone.map(\.rawValue).joined(separator: ", "))") }
        return ended.status
    }

    static func makeWorker() throws -> Worker {
        let worker = try Worker(.fromEnvironment(), queues: [queue], slots: 4)
        worker.register(Validate())
        worker.register(Screen())
        worker.register(Reserve())
        worker.register(Release())
        worker.register(Charge())
        worker.register(Refund())
        worker.register(Pack())
        worker.register(Ship())
        worker.register(Notify())
        return worker
    }
}
