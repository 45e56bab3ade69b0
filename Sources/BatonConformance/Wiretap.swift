import BatonWire
import Synchronization

/// Listens to the worker's connections: puts together what frames say, and notes it in the journal.
///
/// What the broker sends is noted before it is passed on, and what the worker sends as it comes. So the journal's order is never
/// kinder to the worker than what it could know, and never less kind.
final class Wiretap: Sendable {
    /// Who sent a frame.
    enum Side: Sendable { case worker, broker }

    /// What is to be done with a frame.
    enum Verdict: Sendable, Hashable {
        case forward
        /// Passed on only after this long, and noted only then.
        case hold(Duration)
        /// Not passed on: all of the worker's connections end.
        case cut
    }

    /// What happens to the broker's confirm of an attempt's outcome, once.
    enum Trap: Sendable, Hashable {
        case hold(Duration)
        case cut
    }

    /// The most that is kept of a body.
    static let keptBytes = 1 << 20

    private struct Line: Hashable {
        var connection: Int
        var channel: UInt16
    }

    private struct Content {
        var method: Method
        var message = Message()
        var missing: UInt64?
    }

    private struct ChannelState {
        var content: [Side: Content] = [:]
        var isConfirming = false
        var publications: UInt64 = 0
        var unconfirmed: [Observation.Published] = []
        var unsettled: [Observation.Delivered] = []
        /// Consumers that take without acknowledging.
        var carefree: Set<String> = []
        /// Consumers, and looks, whose answer is to come.
        var consuming: [(tag: String, isUnacknowledged: Bool)] = []
        var looking: [Bool] = []
    }

    private struct State {
        var channels: [Line: ChannelState] = [:]
        var traps: [String: Trap] = [:]
    }

    private let journal: Journal
    private let state = Mutex(State())

    init(journal: Journal) { self.journal = journal }

    /// - Parameter attempt: whose outcome's confirm is to be held back or withheld.
    func set(_ trap: Trap, for attempt: String) { state.withLock { $0.traps[attempt] = trap } }

    func opened(_ connection: Int) { journal.note(.connected(connection)) }

    func closed(_ connection: Int) {
        state.withLock { state in
            state.channels = state.channels.filter { $0.key.connection != connection }
            journal.note(.disconnected(connection))
        }
    }

    /// - Throws: `WireReader.Truncated` where a frame isn't what it says it is.
    func heard(_ frame: Frame, from side: Side, on connection: Int) throws(WireReader.Truncated) -> Verdict {
        guard let kind = frame.kind, kind != .heartbeat, frame.channel != 0 else { return .forward }
        let line = Line(connection: connection, channel: frame.channel)
        switch kind {
        case .method:
            guard let method = try Method(frame.payload) else { return .forward }
            return state.withLock { hear(method, side, line, &$0) }
        case .header:
            let header = try ContentHeader(frame.payload)
            state.withLock { state in
                state.channels[line]?.content[side]?.message = header.message
                state.channels[line]?.content[side]?.missing = header.size
                completeContent(side, line, &state)
            }
        case .body:
            state.withLock { state in
                guard var content = state.channels[line]?.content[side], let missing = content.missing else { return }
                content.missing = missing - min(missing, UInt64(frame.payload.count))
                if content.message.body.count + frame.payload.count <= Self.keptBytes { content.message.body += frame.payload }
                state.channels[line]?.content[side] = content
                completeContent(side, line, &state)
            }
        case .heartbeat: break
        }
        return .forward
    }

    /// The time for which a confirm was to be held is over.
    func release(_ frame: Frame, on connection: Int) {
        let line = Line(connection: connection, channel: frame.channel)
        guard case .ack(let tag, let isMultiple)? = try? Method(frame.payload) else { return }
        state.withLock { confirm(tag, isMultiple, line, &$0) }
    }

    // MARK: - Methods

    private func hear(_ method: Method, _ side: Side, _ line: Line, _ state: inout State) -> Verdict {
        if method.hasContent {
            state.channels[line, default: ChannelState()].content[side] = Content(method: method)
            return .forward
        }
        switch (method, side) {
        case (.channelOpen, .worker), (.channelCloseOK, _): state.channels[line] = ChannelState()
        case (.channelClose(let code, let text), .broker): journal.note(.channelClosed(code: code, text: text))
        case (.confirmSelect, .worker): state.channels[line, default: ChannelState()].isConfirming = true
        case (.consume(let queue, let tag, let isUnacknowledged, let hasAnswer), .worker):
            if hasAnswer {
                state.channels[line, default: ChannelState()].consuming.append((tag, isUnacknowledged))
            } else if isUnacknowledged {
                state.channels[line, default: ChannelState()].carefree.insert(tag)
            }
            journal.note(.consumes(queue: queue))
        case (.consumeOK(let tag), .broker):
            guard state.channels[line]?.consuming.isEmpty == false, let consumer = state.channels[line]?.consuming.removeFirst()
            else { break }
            if consumer.isUnacknowledged { state.channels[line]?.carefree.insert(tag) }
        case (.get(let queue, let isUnacknowledged), .worker):
            state.channels[line, default: ChannelState()].looking.append(isUnacknowledged)
            journal.note(.consumes(queue: queue))
        case (.getEmpty, .broker): dropLook(line, &state)
        case (.ack(let tag, let isMultiple), .worker): settle(tag, isMultiple, .acknowledged, line, &state)
        case (.nack(let tag, let isMultiple, let isRequeued), .worker):
            settle(tag, isMultiple, isRequeued ? .givenBack : .discarded, line, &state)
        case (.reject(let tag, let isRequeued), .worker): settle(tag, false, isRequeued ? .givenBack : .discarded, line, &state)
        case (.ack(let tag, let isMultiple), .broker):
            switch trap(tag, isMultiple, line, &state) {
            case .hold(let time): return .hold(time)
            case .cut: return .cut
            case nil: confirm(tag, isMultiple, line, &state)
            }
        case (.nack(let tag, let isMultiple, _), .broker):
            for publication in answered(tag, isMultiple, line, &state) { journal.note(.refused(publication)) }
        default: break
        }
        return .forward
    }

    private func settle(
        _ tag: UInt64, _ isMultiple: Bool, _ settlement: Observation.Settlement, _ line: Line, _ state: inout State
    ) {
        guard let unsettled = state.channels[line]?.unsettled else { return }
        func isMeant(_ delivery: Observation.Delivered) -> Bool {
            isMultiple ? tag == 0 || delivery.tag <= tag : delivery.tag == tag
        }
        state.channels[line]?.unsettled.removeAll(where: isMeant)
        for delivery in unsettled where isMeant(delivery) { journal.note(.settled(delivery, settlement)) }
    }

    // MARK: - Confirms

    private func isMeant(_ publication: Observation.Published, _ tag: UInt64, _ isMultiple: Bool) -> Bool {
        guard let number = publication.number else { return false }
        return isMultiple ? tag == 0 || number <= tag : number == tag
    }

    private func answered(_ tag: UInt64, _ isMultiple: Bool, _ line: Line, _ state: inout State) -> [Observation.Published] {
        let answered = state.channels[line]?.unconfirmed.filter { isMeant($0, tag, isMultiple) } ?? []
        state.channels[line]?.unconfirmed.removeAll { isMeant($0, tag, isMultiple) }
        return answered
    }

    private func confirm(_ tag: UInt64, _ isMultiple: Bool, _ line: Line, _ state: inout State) {
        for publication in answered(tag, isMultiple, line, &state) {
            journal.note(publication.isReturned ? .refused(publication) : .confirmed(publication))
        }
    }

    private func trap(_ tag: UInt64, _ isMultiple: Bool, _ line: Line, _ state: inout State) -> Trap? {
        for publication in state.channels[line]?.unconfirmed ?? [] where isMeant(publication, tag, isMultiple) {
            guard publication.message.isOutcome, let attempt = publication.message.correlationID else { continue }
            if let trap = state.traps.removeValue(forKey: attempt) { return trap }
        }
        return nil
    }

    // MARK: - Contents

    private func dropLook(_ line: Line, _ state: inout State) {
        if state.channels[line]?.looking.isEmpty == false { state.channels[line]?.looking.removeFirst() }
    }

    private func completeContent(_ side: Side, _ line: Line, _ state: inout State) {
        guard let content = state.channels[line]?.content[side], content.missing == 0 else { return }
        state.channels[line]?.content[side] = nil
        switch (content.method, side) {
        case (.publish(let exchange, let routingKey, let isMandatory), .worker):
            let isConfirming = state.channels[line]?.isConfirming ?? false
            if isConfirming { state.channels[line]?.publications += 1 }
            let publication = Observation.Published(
                connection: line.connection, channel: line.channel, number: isConfirming ? state.channels[line]?.publications : nil,
                exchange: exchange, routingKey: routingKey, isMandatory: isMandatory, message: content.message)
            if isConfirming { state.channels[line]?.unconfirmed.append(publication) }
            journal.note(.published(publication))
        case (.returned(let exchange, let routingKey), .broker):
            comeBack(
                Observation.Published(
                    connection: line.connection, channel: line.channel, number: nil, exchange: exchange, routingKey: routingKey,
                    isMandatory: true, message: content.message), line, &state)
        case (.deliver(let consumer, let tag, let isRedelivered, let exchange, let routingKey), .broker):
            let isUnacknowledged = state.channels[line]?.carefree.contains(consumer) ?? false
            deliver(tag, isRedelivered, exchange, routingKey, content.message, isUnacknowledged, line, &state)
        case (.getOK(let tag, let isRedelivered, let exchange, let routingKey), .broker):
            let isUnacknowledged = state.channels[line]?.looking.first ?? false
            dropLook(line, &state)
            deliver(tag, isRedelivered, exchange, routingKey, content.message, isUnacknowledged, line, &state)
        default: break
        }
    }

    /// The confirm that follows is none: it says only that the broker is done with the message.
    private func comeBack(_ publication: Observation.Published, _ line: Line, _ state: inout State) {
        let index = state.channels[line]?.unconfirmed.firstIndex { other in
            !other.isReturned && other.exchange == publication.exchange && other.routingKey == publication.routingKey
                && other.message.type == publication.message.type && other.message.correlationID == publication.message.correlationID
                && other.message.messageID == publication.message.messageID
        }
        if let index { state.channels[line]?.unconfirmed[index].isReturned = true }
        journal.note(.returned(publication))
    }

    private func deliver(
        _ tag: UInt64, _ isRedelivered: Bool, _ exchange: String, _ routingKey: String, _ message: Message, _ isUnacknowledged: Bool,
        _ line: Line, _ state: inout State
    ) {
        let delivery = Observation.Delivered(
            connection: line.connection, channel: line.channel, tag: tag, isRedelivered: isRedelivered, exchange: exchange,
            routingKey: routingKey, message: message)
        journal.note(.delivered(delivery))
        if isUnacknowledged {
            journal.note(.settled(delivery, .notNeeded))
        } else {
            state.channels[line]?.unsettled.append(delivery)
        }
    }
}

extension Message {
    /// Whether it ends an attempt.
    var isOutcome: Bool { type == "completed" || type == "failed" || type == "cancelled" }
}
