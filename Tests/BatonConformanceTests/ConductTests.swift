import BatonWire
import Testing

@testable import BatonConformance

@Suite("Conduct", .timeLimit(.minutes(1)))
struct ConductTests {
    private let confirmSelect = Frames.method(1, 85, 10, [0])

    @Test("an acknowledgement after the confirm is right, on one connection or on two")
    func rightOrder() throws {
        let tapped = Tapped()
        try tapped.hear(confirmSelect, from: .worker, on: 2)
        try tapped.hear(Frames.deliver(1, tag: 1, attempt: "r.0.1"), from: .broker, on: 1)
        try tapped.hear(Frames.publish(1, type: "completed", of: "r.0.1", body: Array("null".utf8)), from: .worker, on: 2)
        try tapped.hear(Frames.ack(1, 1), from: .broker, on: 2)
        try tapped.hear(Frames.ack(1, 1), from: .worker, on: 1)
        #expect(tapped.conduct.earlyAcknowledgements == [])
        #expect(tapped.conduct.strayOutcomes == [])
        #expect(tapped.conduct.unsafeOutcomes == [])
    }

    @Test("an acknowledgement before the report, or before its confirm, is found")
    func earlyAcknowledgement() throws {
        let tapped = Tapped()
        try tapped.hear(confirmSelect, from: .worker)
        try tapped.hear(Frames.deliver(1, tag: 1, attempt: "r.0.1") + Frames.deliver(1, tag: 2, attempt: "r.1.1"), from: .broker)
        try tapped.hear(Frames.ack(1, 1), from: .worker)
        try tapped.hear(Frames.publish(1, type: "completed", of: "r.1.1"), from: .worker)
        try tapped.hear(Frames.ack(1, 2), from: .worker)
        try tapped.hear(Frames.ack(1, 1), from: .broker)
        #expect(
            tapped.conduct.earlyAcknowledgements.map(\.description) == [
                "r.0.1 was acknowledged before it was reported", "r.1.1 was acknowledged before the broker had confirmed its report",
            ])
    }

    @Test("one acknowledgement for many counts for each of them")
    func multiple() throws {
        let tapped = Tapped()
        try tapped.hear(confirmSelect, from: .worker)
        for tag in 1...3 { try tapped.hear(Frames.deliver(1, tag: UInt64(tag), attempt: "r.\(tag).1"), from: .broker) }
        for tag in 1...2 { try tapped.hear(Frames.publish(1, type: "failed", of: "r.\(tag).1"), from: .worker) }
        try tapped.hear(Frames.ack(1, 2, multiple: true), from: .broker)
        try tapped.hear(Frames.ack(1, 3, multiple: true), from: .worker)
        #expect(tapped.conduct.earlyAcknowledgements.map(\.description) == ["r.3.1 was acknowledged before it was reported"])
    }

    @Test("a consumer without acknowledgements is found out")
    func noAck() throws {
        let tapped = Tapped()
        try tapped.hear(
            Frames.method(1, 60, 20, Frames.bytes(UInt16(0)) + Frames.text("baton.tasks.q.p2") + Frames.text("") + [2]), from: .worker)
        try tapped.hear(Frames.method(1, 60, 21, Frames.text("amq.ctag-1")), from: .broker)
        try tapped.hear(Frames.deliver(1, tag: 1, attempt: "r.0.1", consumer: "amq.ctag-1"), from: .broker)
        #expect(tapped.conduct.earlyAcknowledgements.count == 1)
    }

    @Test("a lease, a refused claim, a cancel, and a confirmed copy among the parked let a message go")
    func otherReasons() throws {
        let tapped = Tapped()
        try tapped.hear(confirmSelect, from: .worker)
        for tag in 1...4 { try tapped.hear(Frames.deliver(1, tag: UInt64(tag), attempt: "r.\(tag).1"), from: .broker) }
        tapped.journal.note(.told(.leased(attempts: ["r.1.1"])))
        tapped.journal.note(.told(.claimed(granted: [], refused: ["r.2.1"])))
        tapped.journal.note(.told(.cancel(attempts: ["r.3.1"], reason: nil)))
        try tapped.hear(Frames.publish(1, exchange: "baton.parking", type: "task", of: "r.4.1"), from: .worker)
        try tapped.hear(Frames.ack(1, 1), from: .broker)
        try tapped.hear(Frames.ack(1, 0, multiple: true), from: .worker)
        #expect(tapped.conduct.earlyAcknowledgements == [])
    }

    @Test("a report of an attempt that is over is found; one that is sent again after a cut isn't")
    func stale() throws {
        let tapped = Tapped()
        try tapped.hear(confirmSelect, from: .worker)
        try tapped.hear(Frames.deliver(1, tag: 1, attempt: "r.0.1"), from: .broker)
        try tapped.hear(Frames.publish(1, type: "completed", of: "r.0.1"), from: .worker)
        tapped.wiretap.closed(1)
        try tapped.hear(confirmSelect, from: .worker, on: 2)
        try tapped.hear(Frames.deliver(1, tag: 1, attempt: "r.0.1"), from: .broker, on: 2)
        try tapped.hear(Frames.publish(1, type: "completed", of: "r.0.1"), from: .worker, on: 2)
        try tapped.hear(Frames.ack(1, 1), from: .broker, on: 2)
        try tapped.hear(Frames.ack(1, 1), from: .worker, on: 2)
        #expect(tapped.conduct.strayOutcomes == [])
        try tapped.hear(Frames.deliver(1, tag: 2, attempt: "r.0.2"), from: .broker, on: 2)
        try tapped.hear(Frames.publish(1, type: "completed", of: "r.0.1"), from: .worker, on: 2)
        try tapped.hear(Frames.publish(1, type: "completed", of: "r.9.1"), from: .worker, on: 2)
        #expect(tapped.conduct.strayOutcomes.count == 2)
        #expect(tapped.conduct.strayOutcomes.first?.contains("r.0.2 was at hand") == true)
    }

    @Test("reports that could be lost are found")
    func unsafeReports() throws {
        let tapped = Tapped()
        try tapped.hear(Frames.method(1, 60, 40, Frames.bytes(UInt16(0)) + Frames.text("") + Frames.text("q") + [0]), from: .worker)
        try tapped.hear(Frames.content(1, type: "completed", correlationID: "r.0.1"), from: .worker)
        let found = tapped.conduct.unsafeOutcomes.inWords.joined(separator: "; ")
        for part in ["confirm.select", "mandatory", "exchange"] { #expect(found.contains(part)) }
    }

    @Test("what comes back isn't confirmed by the confirm that follows")
    func returned() throws {
        let tapped = Tapped()
        try tapped.hear(confirmSelect, from: .worker)
        for attempt in 1...2 {
            try tapped.hear(Frames.deliver(1, tag: UInt64(attempt), attempt: "r.0.\(attempt)"), from: .broker)
            try tapped.hear(Frames.publish(1, type: "completed", of: "r.0.\(attempt)"), from: .worker)
        }
        let back = Frames.bytes(UInt16(312)) + Frames.text("NO_ROUTE") + Frames.text("baton.reports") + Frames.text("0")
        try tapped.hear(Frames.method(1, 60, 50, back) + Frames.content(1, type: "completed", correlationID: "r.0.1"), from: .broker)
        try tapped.hear(Frames.ack(1, 2, multiple: true), from: .broker)
        try tapped.hear(Frames.ack(1, 2, multiple: true), from: .worker)
        #expect(
            tapped.conduct.earlyAcknowledgements == [
                Flaw(attempt: "r.0.1", cause: "was acknowledged although its report came back (basic.return)")
            ])
    }

    @Test("a report by another routing key than the task's reply_to is found, and each cause told once")
    func routingKey() throws {
        let tapped = Tapped()
        try tapped.hear(confirmSelect, from: .worker)
        for number in 1...3 {
            var message = Message(type: "task", messageID: "r.\(number).1", body: [])
            message.replyTo = number == 3 ? "0" : "elsewhere"
            tapped.journal.note(
                .delivered(
                    Observation.Delivered(
                        connection: 1, channel: 1, tag: 1, isRedelivered: false, exchange: "baton.tasks", routingKey: "q.p2",
                        message: message)))
            try tapped.hear(Frames.publish(1, type: "completed", of: "r.\(number).1"), from: .worker)
        }
        #expect(
            tapped.conduct.unsafeOutcomes.inWords == [
                "r.1.1 was reported with the routing key '0', not its reply_to 'elsewhere' (the first of 2)"
            ])
    }

    @Test("that the broker closes a channel is seen, with its reason")
    func channelClosed() throws {
        let tapped = Tapped()
        let reason = Frames.bytes(UInt16(404)) + Frames.text("NOT_FOUND") + Frames.bytes(UInt16(60)) + Frames.bytes(UInt16(20))
        try tapped.hear(Frames.method(1, 20, 40, reason), from: .broker)
        let isSeen = tapped.journal.entries.contains {
            if case .channelClosed(404, "NOT_FOUND") = $0.event { true } else { false }
        }
        #expect(isSeen)
    }

    @Test("times are in seconds", arguments: [(1500, "1.5 s"), (4000, "4 s"), (4004, "4.004 s"), (70, "0.07 s"), (0, "0 s")])
    func seconds(milliseconds: Int, text: String) {
        #expect(Duration.milliseconds(milliseconds).inSeconds == text)
    }

    @Test("a trap holds back or withholds the confirm of one attempt's outcome, once")
    func traps() throws {
        let tapped = Tapped()
        tapped.wiretap.set(.hold(.seconds(1)), for: "r.0.1")
        tapped.wiretap.set(.cut, for: "r.1.1")
        try tapped.hear(confirmSelect, from: .worker)
        try tapped.hear(Frames.publish(1, type: "heartbeat", of: "r.0.1"), from: .worker)
        #expect(try tapped.hear(Frames.ack(1, 1), from: .broker) == .forward)
        try tapped.hear(Frames.publish(1, type: "completed", of: "r.0.1"), from: .worker)
        #expect(try tapped.hear(Frames.ack(1, 2), from: .broker) == .hold(.seconds(1)))
        #expect(!tapped.hasConfirmed("completed"))
        var reader = FrameReader()
        reader.add(Frames.ack(1, 2))
        tapped.wiretap.release(try #require(try reader.next()), on: 1)
        #expect(tapped.hasConfirmed("completed"))
        try tapped.hear(Frames.publish(1, type: "failed", of: "r.1.1"), from: .worker)
        #expect(try tapped.hear(Frames.ack(1, 3), from: .broker) == .cut)
        #expect(try tapped.hear(Frames.ack(1, 3), from: .broker) == .forward)
    }

    @Test("those who wait are told when something comes, when time is up, and when they are cancelled")
    func waiting() async throws {
        let journal = Journal()
        let found = Task { await journal.wait(within: .seconds(60)) { $0.count >= 2 ? $0.count : nil } }
        let cancelled = Task { await journal.wait(within: .seconds(60)) { _ -> Int? in nil } }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        journal.note(.cut)
        journal.note(.launched)
        #expect(await found.value == 2)
        #expect(await journal.wait(within: .milliseconds(1)) { _ -> Int? in nil } == nil)
    }
}

extension Tapped {
    fileprivate func hasConfirmed(_ type: String) -> Bool {
        journal.entries.contains { if case .confirmed(let publication) = $0.event { publication.message.type == type } else { false } }
    }
}
