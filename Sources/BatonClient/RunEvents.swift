import AsyncHTTPClient
public import BatonModel

/// What happens in a run, oldest first, each event once, until the run's end. Of a run that ended and was made to go on, that is
/// its latest end.
///
/// A lost connection is taken up again after the last event seen, with growing waits, until the coordinator is back or the
/// client's patience is at its end. Only the first connection must succeed at once. Events are read as they are asked for; one
/// that nobody asks for stays with the coordinator. Ending the loop, or cancelling its task, closes the connection.
public struct RunEvents: AsyncSequence, Sendable {
    public typealias Element = EventView

    let client: BatonClient
    let run: RunID
    let after: Int

    init(client: BatonClient, run: RunID, after: Int) {
        self.client = client
        self.run = run
        self.after = after
    }

    public func makeAsyncIterator() -> Iterator { Iterator(client: client, run: run, last: after) }

    public struct Iterator: AsyncIteratorProtocol {
        private let client: BatonClient
        private let run: RunID
        private var last: Int
        private var waiting: ArraySlice<EventView> = []
        private var connection: Connection?
        private var reconnection: Reconnection
        private var ended = false
        /// Whether the event given last ended the run, unless it went on later.
        private var hasEnd = false

        private struct Connection {
            var body: HTTPClientResponse.Body.AsyncIterator
            var parser = EventParser()
        }

        init(client: BatonClient, run: RunID, last: Int) {
            self.client = client
            self.run = run
            self.last = last
            self.reconnection = Reconnection(patience: client.patience)
        }

        /// - Throws: `ClientError`; `CancellationError`.
        public mutating func next() async throws -> EventView? {
            while true {
                if let event = waiting.popFirst() {
                    // What was sent twice, by whatever stands between, is given once.
                    guard event.id > last else { continue }
                    last = event.id
                    hasEnd = event.type.endsRun
                    return event
                }
                if ended { return nil }
                try Task.checkCancellation()
                do {
                    if connection == nil { connection = try await connect() }
                    if !ended { try await receive() }
                } catch {
                    connection = nil
                    // The coordinator closes the stream when nothing follows.
                    if hasEnd, (error as? ClientError)?.code == .unreachable {
                        ended = true
                        return nil
                    }
                    try await reconnection.wait(after: error)
                }
            }
        }

        /// - Returns: `nil` where the run has ended and everything was seen.
        private mutating func connect() async throws -> Connection? {
            let transport = client.transport
            let response = try await transport.open(
                .get, client.path(run) + "/events",
                headers: [("Accept", "text/event-stream"), ("Last-Event-ID", String(last))])
            switch response.status.code {
            case 200:
                reconnection.connected()
                return Connection(body: response.body.makeAsyncIterator())
            case 204:
                ended = true
                return nil
            case let status:
                throw transport.refusal(Int(status), try await transport.collect(response))
            }
        }

        /// Reads a piece of the stream. At its end the next turn connects again: a coordinator that stops ends it too.
        private mutating func receive() async throws {
            guard var connection else { return }
            let piece: [UInt8]?
            do {
                piece = try await connection.body.next(isolation: #isolation).map { Array($0.readableBytesView) }
            } catch {
                throw client.transport.failure(error)
            }
            guard let piece else {
                throw ClientError(.unreachable, "the coordinator at \(client.server) ended the stream of events before the run ended")
            }
            let events = try connection.parser.read(piece)
            self.connection = connection
            guard !events.isEmpty else { return }
            reconnection.succeeded()
            waiting = try events.filter(Self.isKnown).map { bytes in
                guard let event = try? ViewText.event(bytes) else {
                    throw ClientError(.unreadable, "the coordinator at \(client.server) sent an event this version can't read")
                }
                return event
            }[...]
        }

        /// Events of a later version's types are passed over, as is word of events that are not kept any more: the gap in the ids
        /// tells of them.
        private static func isKnown(_ event: [UInt8]) -> Bool {
            guard let json = try? JSON(parsing: event), json.isObject else { return true }
            return json.value["type"]?.string.flatMap(EventType.init(rawValue:)) != nil
        }
    }
}

@available(*, unavailable)
extension RunEvents.Iterator: Sendable {}
