import ArgumentParser
import BatonModel
import BatonOperator

struct ParkingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parking",
        abstract: "Shows, replays and drops the messages that were put aside.",
        discussion: """
            Talks to the broker itself, so it works while the coordinator is down. Looking changes nothing.

            Examples:
              baton parking list
              baton parking show 01jd8z6t9q.3.1
              baton parking replay --all --reason protocol
              baton parking drop sha-1c9e0a77d2b4f310
            """,
        subcommands: [ParkingListCommand.self, ParkingShowCommand.self, ParkingReplayCommand.self, ParkingDropCommand.self])
}

/// What all commands on parked messages take.
struct ParkingOptions: ParsableArguments {
    @OptionGroup var broker: BrokerOptions

    @Flag(help: "Write JSON instead of text for people.")
    var json = false

    func withLot<Value: Sendable>(_ body: (ParkingLot) async throws -> Value) async throws -> Value {
        try await ParkingLot.withLot(at: BrokerAddress(url: broker.url), namespace: broker.prefix, body)
    }
}

/// Which of the parked messages are meant.
struct ParkingFilterOptions: ParsableArguments {
    @Option(help: "Only those whose reason holds this text.")
    var reason: String?

    @Option(help: "Only those from this queue, such as baton.submit.")
    var from: String?

    var filter: ParkingFilter { ParkingFilter(reason: reason, from: from) }
}

/// The messages that are to be replayed or dropped.
struct ParkingSelectionOptions: ParsableArguments {
    @Argument(help: "The messages' ids, as 'baton parking list' shows them.")
    var ids: [String] = []

    @Flag(help: "All parked messages that fit --reason and --from.")
    var all = false

    @OptionGroup var filter: ParkingFilterOptions

    func validate() throws {
        guard all != !ids.isEmpty else { throw ValidationError("name the messages by their ids, or give --all") }
        if !all, filter.filter != ParkingFilter() { throw ValidationError("--reason and --from go with --all") }
    }

    var selection: ParkingSelection { all ? .all(filter.filter) : .ids(ids) }
}

struct ParkingListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the parked messages, oldest first.",
        discussion: """
            Nothing is taken away, reordered or used up by looking, however often.

            Examples:
              baton parking list
              baton parking list --newest --limit 10
              baton parking list --reason protocol --from baton.submit --json
            """)

    @OptionGroup var filter: ParkingFilterOptions

    @Option(help: "How many, at most 10000.")
    var limit = 50

    @Flag(help: "The newest first; all messages are gone through for that.")
    var newest = false

    @OptionGroup var options: ParkingOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
    }

    func run() async throws {
        let list = try await options.withLot { try await $0.list(filter.filter, limit: limit, newest: newest) }
        if options.json { return Terminal.standardOutput(JSONText.pretty(list)) }
        var table = Table(["ID", "FROM", "PARKED", "TYPE", "TASK", "SIZE", "REASON"])
        for message in list.items {
            let work = message.task.map { "\($0)" } ?? message.handler ?? "-"
            table.add([
                .init(message.id, .bold), .init(message.from ?? "-"), .init(message.parkedAt?.dateAndTime ?? "-"),
                .init(message.type ?? "-"), .init(Self.short(work, 30)), .init("\(message.size)"),
                .init(Self.short(message.reason, 80)),
            ])
        }
        Terminal.show(table, orElse: list.parked == 0 ? "nothing is parked" : "none of the \(list.parked) parked messages fits")
        if !list.isWhole {
            Terminal.standardError("\(list.parked) messages are parked: raise --limit to see more")
        }
    }

    private static func short(_ text: String, _ limit: Int) -> String { text.count > limit ? text.prefix(limit - 1) + "…" : text }
}

struct ParkingShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows a parked message with its properties, headers and body.",
        discussion: """
            A body that is JSON is laid out, other text is shown as it is, other bytes in hexadecimal.

            Examples:
              baton parking show 01jd8z6t9q.3.1
              baton parking show sha-1c9e0a77d2b4f310 --bytes 1000000
              baton parking show sha-1c9e0a77d2b4f310 --json
            """)

    @Argument(help: "The message's id, as 'baton parking list' shows it.")
    var id: String

    @Option(help: "How much of the body is shown, in bytes; with --json, all of it is.")
    var bytes = 16_384

    @OptionGroup var options: ParkingOptions

    func validate() throws {
        if bytes < 0 { throw ValidationError("--bytes can't be below 0") }
    }

    func run() async throws {
        let (message, destination) = try await options.withLot { lot in
            let message = try await lot.message(id)
            return (message, Destination(of: message, in: lot.topology))
        }
        if options.json { return Terminal.standardOutput(message.json.laidOut) }
        Terminal.standardOutput(Fields(message, destination).text)
        guard !message.body.isEmpty, bytes > 0 else { return }
        Terminal.standardOutput("")
        Terminal.standardOutput(Self.text(message, bytes))
        if message.body.count > bytes {
            Terminal.standardError("the first \(bytes) of \(message.body.count) bytes: see more with --bytes, or all with --json")
        }
    }

    private static func text(_ message: ParkedMessage, _ bytes: Int) -> String {
        let text =
            message.body.count <= bytes ? message.bodyJSON?.laidOut ?? message.bodyText : message.bodyText.map { String($0.utf8.prefix(bytes)) ?? String($0.prefix(bytes / 4)) }
        if let text { return text.split(separator: "\n", omittingEmptySubsequences: false).map { Terminal.clean(String($0)) }.joined(separator: "\n") }
        let part = message.body.prefix(bytes)
        return stride(from: part.startIndex, to: part.endIndex, by: 32).map { start in
            ParkedMessage.hex(part[start..<min(start + 32, part.endIndex)])
        }.joined(separator: "\n")
    }
}

extension Fields {
    init(_ message: ParkedMessage, _ destination: Destination) {
        self.init()
        add("id", message.id)
        add("reason", message.reason, .red)
        add("from", message.from ?? "unknown")
        add("parked", message.parkedAt?.dateAndTime ?? "unknown")
        switch destination {
        case .queue(let exchange, let key): add("replays to", exchange.isEmpty ? "queue \(key)" : "exchange \(exchange), routing key \(key)")
        case .rerun(let run, let task): add("replays as", "a new run of task \(task) of run \(run), by the coordinator")
        case .unknown: add("replays to", "nowhere: nothing says where it came from")
        }
        for (name, value) in message.json.fields?.first(where: { $0.name == "properties" })?.value.fields ?? [] where name != "headers" {
            add(name, Self.plain(value))
        }
        add("size", "\(message.body.count) bytes")
        let headers = message.json.fields?.first { $0.name == "properties" }?.value.fields?.first { $0.name == "headers" }?.value
        for (name, value) in headers?.fields ?? [] { add("  \(name)", Self.plain(value)) }
    }

    private static func plain(_ value: JSON) -> String { value.value.string ?? value.description }
}
