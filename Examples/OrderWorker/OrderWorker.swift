import BatonWorker

/// The shop's worker: the handlers of `Examples/order-shop.yaml`. Start as many of these processes as there is work for; they
/// find the broker in `BATON_AMQP_URL`.
@main
struct OrderWorker {
    static func main() async throws {
        let worker = try Worker(.fromEnvironment())
        worker.register("orders.validate", validate)
        worker.register("stock.reserve", reserve)
        worker.register(Charge(bank: Bank()))
        worker.register("shipping.ship", ship)
        worker.register("mail.confirm", confirm)
        try await worker.run()  // until SIGTERM or SIGINT: finishes what it runs, then returns
    }
}
