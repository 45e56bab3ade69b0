import BatonBroker
import BatonWire
import Synchronization
import Testing

/// What every broker promises.
@Suite("Broker conformance", .timeLimit(.minutes(1)))
struct BrokerConformance {
    @Test("a confirmed message is delivered with all of its properties", arguments: BrokerKind.allCases)
    func properties(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            let message = Message(
                type: "task", messageID: "m-1", correlationID: "c-1", replyTo: "r", contentType: "application/json",
                appID: "baton", priority: 2, timestamp: 1_700_000_000,
                headers: [
                    "text": .string("tëxt"), "number": .integer(-7), "flag": .bool(true), "part": .number(1.5), "none": .null,
                    "list": .array([.null, .integer(1), .array([.string("a")])]), "table": .table([.init(name: "a", value: .bool(false))]),
                ],
                body: Array("{}".utf8), contentEncoding: "utf-8")
            try await scene.publisher.publish(Publication(exchange: "", routingKey: queue.name, message: message))
            let inbox = Inbox()
            _ = try await scene.consumer.consume(queue: queue.name, prefetch: 1, handler: inbox.put)
            let delivery = await inbox.wait(for: 1)[0]
            #expect(delivery.message == message)
            #expect(!delivery.isRedelivered)
            #expect(delivery.routingKey == queue.name)
            delivery.acknowledge()
        }
    }

    @Test("a mandatory message that no queue takes is refused, and only that one", arguments: BrokerKind.allCases)
    func unroutable(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            let outcomes = Mutex<[Int: BrokerError?]>([:])
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let publications = (0..<10).map { index in
                    Publication(
                        exchange: "", routingKey: index % 3 == 0 ? "nowhere-\(scene.prefix)" : queue.name,
                        message: Message(messageID: "m\(index)", body: [UInt8(index)]))
                }
                scene.publisher.publish(publications) { index, error in
                    let isLast = outcomes.withLock { outcomes in
                        outcomes[index] = .some(error)
                        return outcomes.count == 10
                    }
                    if isLast { continuation.resume() }
                }
            }
            for (index, error) in outcomes.withLock({ $0 }) {
                #expect(error?.code == (index % 3 == 0 ? .unroutable : nil), "message \(index)")
            }
            await #expect(throws: Never.self) {
                try await scene.publisher.publish(
                    Publication(exchange: "", routingKey: "nowhere", message: Message(), isMandatory: false))
            }
        }
    }

    @Test("direct, topic and fanout exchanges route as AMQP has it", arguments: BrokerKind.allCases)
    func routing(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let direct = scene.exchange("direct", .direct)
            let topic = scene.exchange("topic", .topic)
            let fanout = scene.exchange("fanout", .fanout)
            let a = scene.queue("a", .durable(deadLetters: nil), [Binding(direct, "x"), Binding(topic, "run.*.done"), Binding(fanout, "")])
            let b = scene.queue("b", .durable(deadLetters: nil), [Binding(direct, "y"), Binding(topic, "run.#"), Binding(fanout, "")])
            try await scene.declare([direct, topic, fanout], a, b)
            for (exchange, key) in [(direct, "x"), (direct, "y"), (topic, "run.a.done"), (topic, "run.a.b.done"), (fanout, "any")] {
                try await scene.publisher.publish(
                    Publication(exchange: exchange.name, routingKey: key, message: Message(body: Array("\(exchange.kind) \(key)".utf8))))
            }
            let (inA, inB) = (Inbox(), Inbox())
            _ = try await scene.consumer.consume(queue: a.name, prefetch: 10, handler: inA.put)
            _ = try await scene.consumer.consume(queue: b.name, prefetch: 10, handler: inB.put)
            await inA.wait(for: 3)
            await inB.wait(for: 4)
            #expect(inA.texts == ["direct x", "topic run.a.done", "fanout any"])
            #expect(inB.texts == ["direct y", "topic run.a.done", "topic run.a.b.done", "fanout any"])
        }
    }

    @Test("no more than the prefetch is delivered unsettled, in order", arguments: BrokerKind.allCases)
    func prefetch(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            for index in 0..<20 { try await scene.send("\(index)", to: queue) }
            let inbox = Inbox()
            _ = try await scene.consumer.consume(queue: queue.name, prefetch: 5, handler: inbox.put)
            await inbox.wait(for: 5)
            // Whatever more would come was on its way before this answer.
            _ = try await scene.consumer.depth(queue: queue.name)
            #expect(inbox.all.count == 5)
            for count in 0..<20 { await inbox.wait(for: count + 1)[count].acknowledge() }
            #expect(inbox.texts == (0..<20).map(String.init))
        }
    }

    @Test("what is given back is delivered again, marked and counted, at its old place", arguments: BrokerKind.allCases)
    func givenBack(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let parking = scene.exchange("parking", .fanout)
            let queue = scene.queue("q", .durable(deadLetters: parking.name))
            try await scene.declare([parking], queue)
            for text in ["a", "b"] { try await scene.send(text, to: queue) }
            let inbox = Inbox()
            _ = try await scene.consumer.consume(queue: queue.name, prefetch: 1, handler: inbox.put)
            await inbox.wait(for: 1)[0].giveBack()
            let second = await inbox.wait(for: 2)[1]
            #expect(second.text == "a")
            #expect(second.isRedelivered)
            #expect(second.message.headers.integer("x-delivery-count") == 1)
            second.acknowledge()
            let third = await inbox.wait(for: 3)[2]
            #expect(third.text == "b")
            #expect(!third.isRedelivered)
            third.acknowledge()
        }
    }

    @Test("what is given back too often, and what is discarded, goes to the dead letters", arguments: BrokerKind.allCases)
    func deadLetters(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let parking = scene.exchange("parking", .fanout)
            let parked = scene.queue("parked", .durable(deadLetters: nil), [Binding(parking, "")])
            let queue = scene.queue("q", .durable(deadLetters: parking.name))
            try await scene.declare([parking], parked, queue)
            try await scene.send("poison", to: queue)
            let dead = Inbox()
            _ = try await scene.consumer.consume(queue: parked.name, prefetch: 10, handler: dead.put)
            let attempts = Atomic(0)
            let subscription = try await scene.consumer.consume(queue: queue.name, prefetch: 1) { delivery in
                attempts.add(1, ordering: .relaxed)
                delivery.giveBack()
            }
            let letter = await dead.wait(for: 1)[0]
            #expect(letter.text == "poison")
            #expect(letter.message.headers.string("x-first-death-reason") == "delivery_limit")
            #expect(attempts.load(ordering: .relaxed) == Queue.deliveryLimit + 1)
            try await subscription.cancel()
            try await scene.send("unwanted", to: queue)
            try #require(try await scene.consumer.getEventually(queue.name)).discard()
            #expect(await dead.wait(for: 2)[1].message.headers.string("x-first-death-reason") == "rejected")
        }
    }

    @Test("an unsettled delivery comes back when its link ends", arguments: BrokerKind.allCases)
    func linkEnds(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            try await scene.send("work", to: queue)
            let other = scene.broker.link("other")
            let first = Inbox()
            let run = Task { try await other.run() }
            _ = try await other.consume(queue: queue.name, prefetch: 1, handler: first.put)
            await first.wait(for: 1)
            run.cancel()
            _ = try? await run.value
            let second = Inbox()
            _ = try await scene.consumer.consume(queue: queue.name, prefetch: 1, handler: second.put)
            let delivery = await second.wait(for: 1)[0]
            #expect(delivery.text == "work")
            #expect(delivery.isRedelivered)
            // Settled by one whose link has ended: nothing happens.
            first.all[0].acknowledge()
            delivery.acknowledge()
        }
    }

    @Test("what is published after its link's end fails, and its outcome may take a lock that the caller holds", arguments: BrokerKind.allCases)
    func publishAfterEnd(_ kind: BrokerKind) async throws {
        let link = try kind.make().link("ended")
        let run = Task { try await link.run() }
        run.cancel()
        _ = try? await run.value
        let held = Mutex(false)
        let error = await withCheckedContinuation { continuation in
            held.withLock { isPublished in
                link.publish([Publication(exchange: "", routingKey: "nowhere", message: Message(body: []))]) { _, error in
                    if held.withLock({ $0 }) { continuation.resume(returning: error) }
                }
                isPublished = true
            }
        }
        #expect(error?.code == .closed)
    }

    @Test("an exclusive queue goes with its link, and is nobody else's", arguments: BrokerKind.allCases)
    func exclusive(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let control = scene.exchange("control", .fanout)
            let queue = scene.queue("own", .exclusive, [Binding(control, "")])
            let other = scene.broker.link("other")
            let run = Task { try await other.run() }
            try await other.declare(exchanges: [control], queues: [queue])
            await #expect(throws: BrokerError.self) { try await scene.consumer.declare(exchanges: [control], queues: [queue]) }
            try await scene.publisher.publish(Publication(exchange: control.name, routingKey: "", message: Message()))
            run.cancel()
            _ = try? await run.value
            let error = await #expect(throws: BrokerError.self) {
                // The broker may still be clearing up, so the first refusal is waited for.
                while true {
                    try await scene.publisher.publish(Publication(exchange: "", routingKey: queue.name, message: Message()))
                }
            }
            #expect(error?.code == .unroutable)
        }
    }

    @Test("an adopted queue is taken as it is, and made where it is missing", arguments: BrokerKind.allCases)
    func adopted(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let theirs = scene.queue("theirs", .durable(deadLetters: nil))
            try await scene.declare([], theirs)
            try await scene.declare([], scene.queue("theirs", .adopted), scene.queue("missing", .adopted))
            // Its owner finds it as it was.
            try await scene.declare([], theirs)
            let inbox = Inbox()
            for queue in [theirs, scene.queue("missing", .adopted)] {
                try await scene.send(queue.name, to: queue)
                _ = try await scene.consumer.consume(queue: queue.name, prefetch: 1, handler: inbox.put)
            }
            for delivery in await inbox.wait(for: 2) { delivery.giveBack() }
            let again = await inbox.wait(for: 4)
            for delivery in again.dropFirst(2) {
                #expect(delivery.isRedelivered)
                delivery.acknowledge()
            }
            await #expect(throws: BrokerError.self) { try await scene.consumer.declare(exchanges: [], queues: [scene.queue("missing")]) }
        }
    }

    @Test("a lasting queue keeps its messages when its link ends", arguments: BrokerKind.allCases)
    func lasting(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("kept", .lasting(unused: .seconds(600)))
            let other = scene.broker.link("other")
            let run = Task { try await other.run() }
            try await other.declare(exchanges: [], queues: [queue])
            run.cancel()
            _ = try? await run.value
            try await scene.declare([], queue)
            try await scene.send("kept", to: queue)
            let inbox = Inbox()
            _ = try await scene.consumer.consume(queue: queue.name, prefetch: 1, handler: inbox.put)
            let delivery = await inbox.wait(for: 1)[0]
            #expect(delivery.text == "kept")
            delivery.acknowledge()
        }
    }

    @Test("a declaration that differs from what is there is refused", arguments: BrokerKind.allCases)
    func mismatch(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let exchange = scene.exchange("e", .direct)
            try await scene.declare([exchange])
            let error = await #expect(throws: BrokerError.self) {
                try await scene.consumer.declare(exchanges: [Exchange(name: exchange.name, kind: .fanout)], queues: [])
            }
            #expect(error?.code == .mismatch)
            #expect(error?.description.contains(exchange.name) == true)
        }
    }

    @Test("a cancelled subscription gets no more, and leaves what it had to be settled", arguments: BrokerKind.allCases)
    func cancel(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            try await scene.send("first", to: queue)
            let inbox = Inbox()
            let subscription = try await scene.consumer.consume(queue: queue.name, prefetch: 5, handler: inbox.put)
            await inbox.wait(for: 1)
            try await subscription.cancel()
            try await scene.send("second", to: queue)
            let next = try #require(try await scene.consumer.getEventually(queue.name))
            #expect(next.text == "second")
            #expect(inbox.texts == ["first"])
            next.acknowledge()
            inbox.all[0].acknowledge()
        }
    }

    @Test("a subscription whose queue is deleted says so, and goes on once somebody has declared it again", arguments: BrokerKind.allCases)
    func deleted(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            let (events, continuation) = AsyncStream<QueueEvent>.makeStream()
            scene.consumer.onQueueEvent { continuation.yield($0) }
            let inbox = Inbox()
            _ = try await scene.consumer.consume(queue: queue.name, prefetch: 5, handler: inbox.put)
            #expect(try await scene.publisher.has(queue: queue.name))
            try await scene.publisher.delete(queue: queue.name)
            #expect(await events.first { _ in true } == .missing(queue.name))
            #expect(try await !scene.publisher.has(queue: queue.name))
            try await scene.publisher.declare(exchanges: [], queues: [queue])
            try await scene.send("again", to: queue)
            await inbox.wait(for: 1)
            #expect(inbox.texts == ["again"])
            inbox.all[0].acknowledge()
        }
    }

    @Test("what isn't there is missing, for everybody who asks", arguments: BrokerKind.allCases)
    func missing(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let name = scene.queue("nowhere").name
            for ask in [
                { _ = try await scene.consumer.get(queue: name) }, { _ = try await scene.consumer.depth(queue: name) },
                { _ = try await scene.consumer.consume(queue: name, prefetch: 1) { _ in } },
            ] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: BrokerError.self) { try await ask() }
                #expect(error?.code == .missing)
            }
        }
    }

    @Test("get takes one message, or none", arguments: BrokerKind.allCases)
    func get(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            #expect(try await scene.consumer.get(queue: queue.name) == nil)
            try await scene.send("one", to: queue)
            let delivery = try #require(try await scene.consumer.getEventually(queue.name))
            #expect(delivery.text == "one")
            delivery.acknowledge()
            #expect(try await scene.consumer.get(queue: queue.name) == nil)
        }
    }

    @Test("consumers of one queue share its messages", arguments: BrokerKind.allCases)
    func sharing(_ kind: BrokerKind) async throws {
        try await Scene.run(kind) { scene in
            let queue = scene.queue("q")
            try await scene.declare([], queue)
            let (a, b, all) = (Inbox(), Inbox(), Inbox())
            for inbox in [a, b] {
                _ = try await scene.consumer.consume(queue: queue.name, prefetch: 50) { delivery in
                    inbox.put(delivery)
                    all.put(delivery)
                }
            }
            for index in 0..<100 { try await scene.send("\(index)", to: queue) }
            await all.wait(for: 100)
            #expect(Set(all.texts).count == 100)
            #expect(!a.all.isEmpty && !b.all.isEmpty)
            for delivery in all.all { delivery.acknowledge() }
        }
    }
}

extension BrokerLink {
    /// A quorum queue may confirm a message a moment before it hands it to a `get`.
    fileprivate func getEventually(_ queue: String) async throws -> Delivery? {
        for _ in 0..<1000 {
            if let delivery = try await get(queue: queue) { return delivery }
            await Task.yield()
        }
        return nil
    }
}
