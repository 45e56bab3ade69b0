import DequeModule

/// Which publication goes next, which are on the wire, and what the broker's answers mean for them. Does no I/O.
///
/// A publication is *waiting* → *sent* → resolved by confirm, refusal, or return; or, when its channel ends first, sent
/// again before everything that waits. When a publication made the broker end the channel, nobody says which: those then
/// unconfirmed become *suspects* and go one at a time, until the channel ends with a single one on the wire.
struct PublishQueue {
    struct Item {
        let batch: PublishBatch
        let index: Int
        var publication: Publication { batch.publications[index] }
        func resolve(_ result: Result<Void, AMQPError>) { batch.resolve(index, result) }
    }

    private struct Sent {
        let item: Item
        var returned: AMQPError?
    }

    private let limit: Int
    private var waiting: Deque<PublishBatch> = []
    private var waitingIndex = 0
    private var again: Deque<Item> = []
    /// By delivery tag, from `firstTag` on; nil once resolved.
    private var sent: Deque<Sent?> = []
    private var firstTag: UInt64 = 1
    private(set) var unconfirmed = 0
    private var suspects = 0

    init(limit: Int) { self.limit = limit }

    var hasUnsent: Bool { !again.isEmpty || !waiting.isEmpty }
    /// Whether `next` may have something.
    var canSend: Bool { hasUnsent && unconfirmed < (suspects > 0 ? 1 : limit) }
    var isEmpty: Bool { !hasUnsent && unconfirmed == 0 }

    mutating func append(_ batch: PublishBatch) { if !batch.publications.isEmpty { waiting.append(batch) } }

    /// Takes the next publication to send; nil when the window is full or nothing waits.
    mutating func next() -> Item? {
        guard unconfirmed < (suspects > 0 ? 1 : limit) else { return nil }
        while let item = again.popFirst() {
            if !item.batch.isAbandoned { return item }
            suspects = max(0, suspects - 1)
        }
        while let batch = waiting.first {
            let item = Item(batch: batch, index: waitingIndex)
            waitingIndex += 1
            if waitingIndex == batch.publications.count {
                waiting.removeFirst()
                waitingIndex = 0
            }
            if !batch.isAbandoned { return item }
        }
        return nil
    }

    /// The item was sent: its delivery tag is the one after the last.
    mutating func didSend(_ item: Item) {
        sent.append(Sent(item: item))
        unconfirmed += 1
    }

    /// The item can't be sent at all, and was answered.
    mutating func didRefuse() { suspects = max(0, suspects - 1) }

    /// Sent, but the connection broke in the middle of it.
    mutating func didFail(_ item: Item) { again.prepend(item) }

    mutating func confirm(tag: UInt64, multiple: Bool, positive: Bool) {
        if multiple {
            // Tag zero means all.
            while !sent.isEmpty, tag == 0 || firstTag <= tag {
                resolve(0, positive)
                dropResolved(force: true)
            }
        } else if tag >= firstTag, tag - firstTag < UInt64(sent.count) {
            resolve(Int(tag - firstTag), positive)
        }
        dropResolved(force: false)
    }

    private mutating func dropResolved(force: Bool) {
        if force, !sent.isEmpty {
            sent.removeFirst()
            firstTag += 1
            return
        }
        while let first = sent.first, first == nil {
            sent.removeFirst()
            firstTag += 1
        }
    }

    private mutating func resolve(_ position: Int, _ positive: Bool) {
        guard let entry = sent[position] else { return }
        sent[position] = nil
        unconfirmed -= 1
        suspects = max(0, suspects - 1)
        if let error = entry.returned {
            entry.item.resolve(.failure(error))
        } else if positive {
            entry.item.resolve(.success(()))
        } else {
            entry.item.resolve(
                .failure(
                    AMQPError(
                        .refused, "the broker could not take the message",
                        context: "publish to exchange '\(entry.item.publication.exchange)'")))
        }
    }

    /// The broker gave a message back; its confirm follows.
    mutating func returned(_ message: IncomingMessage, replyCode: UInt16, text: String) {
        let position = sent.firstIndex { entry in
            guard let entry, entry.returned == nil else { return false }
            let publication = entry.item.publication
            return publication.mandatory && publication.exchange == message.exchange
                && publication.routingKey == message.routingKey
                && publication.properties.messageID == message.properties.messageID
                && publication.properties.correlationID == message.properties.correlationID
                && publication.properties.type == message.properties.type
                && publication.body.count == message.body.count
        }
        guard let position else { return }
        sent[position]?.returned = AMQPError(
            .unroutable, text, replyCode: replyCode,
            context: "publish to exchange '\(message.exchange)' with routing key '\(message.routingKey)'")
    }

    /// The channel, or the whole connection, is gone: what was not confirmed will be sent again.
    /// - Parameter cause: the broker's reason when a publication was the cause of it.
    mutating func channelEnded(cause: AMQPError?) {
        let unresolved = sent.compactMap { $0 }
        sent.removeAll(keepingCapacity: true)
        firstTag = 1
        unconfirmed = 0
        if let cause, unresolved.count == 1, let culprit = unresolved.first {
            suspects = max(0, suspects - 1)
            culprit.item.resolve(.failure(cause.during("publish to exchange '\(culprit.item.publication.exchange)'")))
            return
        }
        for entry in unresolved.reversed() {
            // A message that was returned was not routed: that is its outcome, whatever became of the confirm.
            if let error = entry.returned { entry.item.resolve(.failure(error)) } else { again.prepend(entry.item) }
        }
        if cause != nil { suspects = max(suspects, unresolved.count) }
    }

    mutating func failAll(_ error: AMQPError) {
        channelEnded(cause: nil)
        suspects = 0
        for item in again { item.resolve(.failure(error)) }
        again.removeAll()
        for batch in waiting {
            for index in waitingIndex..<batch.publications.count { batch.resolve(index, .failure(error)) }
            waitingIndex = 0
        }
        waiting.removeAll()
    }
}
