import BatonModel
import Foundation
import Hummingbird

/// How values are written into responses: fields in alphabetical order, times as ISO 8601, absent ones left out. Payloads are
/// copied as they came, so their numbers stay what they are.
enum ResponseText {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        // The views hold nothing that can't be written; an empty object beats an answer that isn't JSON.
        return (try? encoder.encode(value)).map { Array($0) } ?? Array("{}".utf8)
    }

    static func encode(_ task: TaskView) -> [UInt8] {
        var bare = task
        (bare.inputs, bare.params, bare.result, bare.feedback) = (nil, nil, nil, nil)
        return encode(
            bare,
            payloads: [("inputs", task.inputs), ("params", task.params), ("result", task.result), ("feedback", task.feedback)])
    }

    static func encode(_ schedule: ScheduleView) -> [UInt8] {
        var bare = schedule
        bare.document = nil
        return encode(bare, payloads: [("document", schedule.document)])
    }

    static func encode(_ event: EventView) -> [UInt8] {
        event.json.bytes
    }

    static func encode<Item>(items: [Item], cursor: String? = nil, _ encode: (Item) -> [UInt8]) -> [UInt8] {
        var text = Array(#"{"items":["#.utf8)
        for (index, item) in items.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += encode(item)
        }
        text.append(UInt8(ascii: "]"))
        if let cursor {
            var writer = JSONWriter()
            writer.write(cursor)
            text += Array(#","cursor":"#.utf8) + writer.bytes
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// The object's text with more fields after its own, of which it has at least one.
    private static func encode(_ value: some Encodable, payloads: [(name: String, value: JSON?)]) -> [UInt8] {
        var text = encode(value)
        guard payloads.contains(where: { $0.value != nil }) else { return text }
        text.removeLast()
        for case (let name, let value?) in payloads { text += Array(",\"\(name)\":".utf8) + value.bytes }
        text.append(UInt8(ascii: "}"))
        return text
    }
}

extension Response {
    init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }

    init(json value: some Encodable, status: HTTPResponse.Status = .ok) {
        self.init(json: ResponseText.encode(value), status: status)
    }
}
