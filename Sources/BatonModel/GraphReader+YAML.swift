import Foundation
import Yams

extension GraphReader {
    /// Reads the document as YAML, by way of JSON: the same fields, and the same errors with the same paths.
    ///
    /// - Throws: `InvalidGraph`.
    public static func read(yaml text: String, limits: Limits = Limits()) throws(InvalidGraph) -> Graph {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw InvalidGraph("the document is not YAML: \(error)")
        }
        guard let node else { throw InvalidGraph("the document is empty") }
        var writer = JSONWriter()
        try YAMLToJSON(limit: limits.documentBytes).write(node, to: &writer)
        return try read(json: writer.bytes, limits: limits)
    }

    /// Reads the document as JSON where it begins like JSON, else as YAML.
    ///
    /// - Throws: `InvalidGraph`.
    public static func read(document bytes: [UInt8], limits: Limits = Limits()) throws(InvalidGraph) -> Graph {
        let first = bytes.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return try read(json: bytes, limits: limits) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw InvalidGraph("the document is not UTF-8") }
        return try read(yaml: text, limits: limits)
    }
}

/// Writes YAML nodes as JSON. Aliases are expanded, so the size is bounded to keep small documents from becoming huge.
private struct YAMLToJSON {
    let limit: Int

    func write(_ node: Node, to writer: inout JSONWriter, depth: Int = 0) throws(InvalidGraph) {
        guard depth < JSONReader.deepest else { throw InvalidGraph("the document is nested deeper than \(JSONReader.deepest)") }
        guard writer.bytes.count <= limit else {
            throw InvalidGraph("the document is larger than the limit documentBytes of \(limit)")
        }
        switch node {
        case .mapping(let mapping):
            try writer.object { (writer) throws(InvalidGraph) in
                for (key, value) in mapping {
                    guard let name = key.string else { throw InvalidGraph("a name in the document is not a text") }
                    writer.name(name)
                    try write(value, to: &writer, depth: depth + 1)
                }
            }
        case .sequence(let sequence):
            try writer.array { (writer) throws(InvalidGraph) in
                for item in sequence { try write(item, to: &writer, depth: depth + 1) }
            }
        case .scalar(let scalar): writer.write(value(of: node, scalar))
        case .alias: throw InvalidGraph("the document refers to an anchor that isn't there")
        }
    }

    private func value(of node: Node, _ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let bool = node.bool, ["true", "false"].contains(scalar.string.lowercased()) { return .bool(bool) }
        guard let first = scalar.string.first, first.isNumber || "-+.".contains(first) else { return .string(scalar.string) }
        if let int = node.int { return .integer(Int64(int)) }
        if let float = node.float { return .number(float) }
        return .string(scalar.string)
    }
}
