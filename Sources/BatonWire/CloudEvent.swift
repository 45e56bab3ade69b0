import BatonModel
import Foundation

/// An event in the format of CloudEvents 1.0 (cloudevents.io), read as a single task: its type is the handler, its data the
/// inputs, its subject the correlation id, its source and id together the idempotency key.
struct CloudEvent {
    var source: String
    var id: String
    var type: String
    var subject: String?
    var queue: String?
    var priority: String?
    /// By the extension Distributed Tracing.
    var trace: TraceContext?
    var data: JSON?

    static let structured = "application/cloudevents+json"
    static let batched = "application/cloudevents-batch+json"

    /// `nil` where the message isn't an event.
    ///
    /// - Throws: `InvalidGraph` that names the attribute which can't be read.
    static func read(_ message: Message) throws(InvalidGraph) -> CloudEvent? {
        let mediaType = ContentType.mediaType(message.contentType)
        if mediaType == structured { return try CloudEvent(structured: message.body) }
        if mediaType == batched {
            throw InvalidGraph("\(batched) is not taken: send each event as a message of its own", at: "contentType")
        }
        if let mediaType, mediaType.hasPrefix("application/cloudevents") {
            throw InvalidGraph("'\(mediaType)' is not taken: the only format is \(structured)", at: "contentType")
        }
        for prefix in ["cloudEvents:", "cloudEvents_"] where message.headers[prefix + "specversion"] != nil {
            return try CloudEvent(binary: message, prefix: prefix)
        }
        return nil
    }

    private init(structured body: [UInt8]) throws(InvalidGraph) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: body)
        } catch {
            throw InvalidGraph("the event is not JSON: \(error)")
        }
        guard let fields = json.fields else {
            throw InvalidGraph("the event is not an object; a batch has the content type \(Self.batched), and is not taken")
        }
        let attributes = Dictionary(fields, uniquingKeysWith: { $1 })
        try self.init { name throws(InvalidGraph) in
            guard let value = attributes[name], !value.isNull else { return nil }
            switch value.value {
            case .string(let text): return text
            case .integer(let number): return String(number)
            case .bool(let flag): return String(flag)
            default: throw InvalidGraph("must be a text", at: name)
            }
        }
        let (data, encoded) = (attributes["data"], attributes["data_base64"])
        if let encoded, !encoded.isNull {
            guard data == nil else { throw InvalidGraph("the event has data as well: only one of them is allowed", at: "data_base64") }
            self.data = try Self.decoded(encoded)
        } else {
            self.data = data
        }
        if self.data?.isNull == true { self.data = nil }
    }

    private static func decoded(_ encoded: JSON) throws(InvalidGraph) -> JSON {
        guard let text = encoded.value.string, let bytes = Data(base64Encoded: text) else {
            throw InvalidGraph("is not Base64", at: "data_base64")
        }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw InvalidGraph("holds something else than JSON, which can't be a task's inputs: \(error)", at: "data_base64")
        }
    }

    /// The AMQP binding's binary mode: attributes as headers, the data as body.
    private init(binary message: Message, prefix: String) throws(InvalidGraph) {
        try self.init { name throws(InvalidGraph) in
            if name == "datacontenttype" { return message.contentType.flatMap { $0.isEmpty ? nil : $0 } }
            switch message.headers[prefix + name] {
            case .array, .table: throw InvalidGraph("must be a text", at: prefix + name)
            default: return message.headers.string(prefix + name)
            }
        }
        guard !message.body.isEmpty else { return }
        do throws(JSONError) {
            let json = try JSON(parsing: message.body)
            data = json.isNull ? nil : json
        } catch {
            throw InvalidGraph("the event's data is not JSON: \(error)")
        }
    }

    /// Reads and checks the attributes.
    private init(_ attribute: (String) throws(InvalidGraph) -> String?) throws(InvalidGraph) {
        func required(_ name: String) throws(InvalidGraph) -> String {
            guard let text = try attribute(name), !text.isEmpty else {
                throw InvalidGraph("is missing: CloudEvents require it", at: name)
            }
            return text
        }
        let version = try required("specversion")
        guard version == "1.0" else { throw InvalidGraph("'\(version.prefix(20))' is not known; this program reads 1.0", at: "specversion") }
        source = try required("source")
        id = try required("id")
        type = try required("type")
        // So that no other pair of the two makes the same key.
        guard !source.contains(where: \.isWhitespace) else { throw InvalidGraph("must be a URI reference, without spaces", at: "source") }
        subject = try attribute("subject").flatMap { $0.isEmpty ? nil : $0 }
        queue = try attribute("batonqueue")
        priority = try attribute("batonpriority")
        if let parent = try attribute(HeaderName.traceparent) {
            trace = TraceContext(traceparent: parent, tracestate: try attribute(HeaderName.tracestate))
        }
        if let content = try attribute("datacontenttype"), !ContentType.isJSON(content) {
            throw InvalidGraph("'\(content.prefix(100))' can't be a task's inputs: they are JSON", at: "datacontenttype")
        }
    }

    /// - Throws: `InvalidGraph`.
    func graph() throws(InvalidGraph) -> Graph {
        let key = "cloudevent:\(source) \(id)"
        guard key.utf8.count <= 255 else {
            throw InvalidGraph("the event's source and id have more than 243 bytes together, which are its idempotency key", at: "source")
        }
        var task = TaskSpec(id: "task", handler: HandlerName(type), inputs: data)
        if let queue { task.queue = QueueName(queue) }
        if let priority { task.priority = try Submission.priority(priority, at: "batonpriority") }
        var graph = Graph(name: type, key: key, correlationID: subject, tasks: [task])
        graph.trace = trace
        return graph
    }
}

extension ContentType {
    /// Without parameters, in lower case; `nil` for none.
    static func mediaType(_ text: String?) -> String? {
        guard let part = text?.split(separator: ";", omittingEmptySubsequences: false).first else { return nil }
        let type = part.filter { !$0.isWhitespace }.lowercased()
        return type.isEmpty ? nil : type
    }

    static func isJSON(_ text: String) -> Bool {
        guard let type = mediaType(text) else { return true }
        return type == json || type == "text/json" || type.hasSuffix("+json")
    }
}
