import BatonModel

/// A JSON text as a tree that keeps the order of fields and the spelling of what isn't changed, and knows how many bytes each
/// part has as text.
struct JSONTree: Sendable {
    enum Content: Sendable {
        /// A number, a truth value or null.
        case atom(JSON)
        case string(JSON)
        case array([JSONTree])
        case object([(name: String, value: JSONTree)])
    }

    let content: Content
    /// Of the text.
    let bytes: Int

    /// - Throws: `JSONError` where the text is nested deeper than `JSONReader.deepest`.
    init(_ json: JSON) throws(JSONError) {
        var reader = JSONReader(json.bytes)
        self = try Self(&reader)
    }

    private init(_ reader: inout JSONReader) throws(JSONError) {
        switch try reader.peek() {
        case .object:
            var fields: [(name: String, value: JSONTree)] = []
            try reader.readObject { (name, reader) throws(JSONError) in fields.append((name, try JSONTree(&reader))) }
            self.init(fields)
        case .array:
            var items: [JSONTree] = []
            try reader.readArray { (reader) throws(JSONError) in items.append(try JSONTree(&reader)) }
            self.init(items)
        case .string: self.init(string: try reader.readRaw())
        case .number, .bool, .null: self.init(atom: try reader.readRaw())
        }
    }

    private init(atom: JSON) {
        content = .atom(atom)
        bytes = atom.bytes.count
    }

    init(string: JSON) {
        content = .string(string)
        bytes = string.bytes.count
    }

    init(_ items: [JSONTree]) {
        content = .array(items)
        bytes = items.reduce(2 + max(0, items.count - 1)) { $0 + $1.bytes }
    }

    init(_ fields: [(name: String, value: JSONTree)]) {
        content = .object(fields)
        bytes = fields.reduce(2 + max(0, fields.count - 1)) { $0 + Self.bytes(ofName: $1.name) + $1.value.bytes }
    }

    /// With its quotes and its colon.
    static func bytes(ofName name: String) -> Int { StringCut.bytes(name) + 3 }

    var json: JSON {
        var writer = JSONWriter(reserving: bytes)
        write(to: &writer)
        return writer.json
    }

    private func write(to writer: inout JSONWriter) {
        switch content {
        case .atom(let json), .string(let json): writer.write(json)
        case .array(let items): writer.array { for item in items { item.write(to: &$0) } }
        case .object(let fields):
            writer.object {
                for field in fields {
                    $0.name(field.name)
                    field.value.write(to: &$0)
                }
            }
        }
    }
}
