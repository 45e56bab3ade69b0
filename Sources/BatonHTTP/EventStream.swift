import BatonCoordinator
import BatonModel
import Hummingbird
import ServiceLifecycle

/// The events of a run as server-sent events. It asks for the next page when the last one is written, so a reader that is slow,
/// or has stopped reading, costs one page of memory.
struct EventStream: Sendable {
    static let pageSize = 200

    let operations: any Operations
    let run: RunID
    let keepAlive: Duration

    private enum Wake: Sendable {
        case page([EventView])
        case silence
        case shutdown
    }

    /// Returns once the run has ended, or when the server shuts down: then the client comes back with the last id. An event that
    /// ends the run need not be the last one, since an ended run can be made to go on.
    @concurrent func write(after id: Int, to writer: inout any ResponseBodyWriter) async throws {
        // Sends the head of the response along, so that the client knows it is connected.
        try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
        var last = id
        while true {
            switch try await next(after: last) {
            case .silence: try await writer.write(ByteBuffer(string: ": keep-alive\n\n"))
            case .shutdown: return
            case .page(let events):
                guard let oldest = events.first, let newest = events.last else { return }
                if oldest.id > last + 1 { try await writer.write(Self.lost(last + 1, oldest.id - 1)) }
                last = newest.id
                try await writer.write(Self.text(of: events))
            }
        }
    }

    private func next(after id: Int) async throws -> Wake {
        let wake = try await withThrowingTaskGroup(of: Wake.self) { group in
            defer { group.cancelAll() }
            group.addTask { .page(try await operations.nextEvents(of: run, after: id, limit: Self.pageSize)) }
            group.addTask {
                try await ContinuousClock().sleep(for: keepAlive)
                return .silence
            }
            group.addTask {
                try await gracefulShutdown()
                return .shutdown
            }
            return try await group.next() ?? .shutdown
        }
        // A cancelled call may give an empty page, which must not be taken for the run's end.
        try Task.checkCancellation()
        return wake
    }

    /// Tells of events that are not kept any more.
    private static func lost(_ first: Int, _ last: Int) -> ByteBuffer {
        ByteBuffer(string: "event: lost\ndata: {\"from\":\(first),\"through\":\(last)}\n\n")
    }

    private static func text(of events: [EventView]) -> ByteBuffer {
        var text = ByteBuffer()
        for event in events {
            text.writeString("id: \(event.id)\nevent: \(event.type.rawValue)\ndata: ")
            text.writeBytes(ResponseText.encode(event))
            text.writeString("\n\n")
        }
        return text
    }
}
