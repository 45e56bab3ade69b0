import Foundation
import Yams

/// A document in YAML, on its way to JSON.
enum YAMLDocument {
    /// The same document as JSON.
    ///
    /// - Parameter limit: in bytes of JSON.
    /// - Throws: `InvalidGraph` where it isn't YAML, is empty, or holds what JSON hasn't.
    static func json(_ text: String, limit: Int) throws(InvalidGraph) -> [UInt8] {
        guard !hasAliasInName(text) else {
            throw InvalidGraph("the document uses an alias, a list or a mapping as a name: write names out where anchors are used")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw InvalidGraph("the document is not YAML: \(error)")
        }
        guard let node else { throw InvalidGraph("the document is empty") }
        var writer = JSONWriter()
        try YAMLToJSON(limit: limit).write(node, to: &writer)
        return writer.bytes
    }

    /// Whether an alias may be part of a mapping's name. The parser hashes names with all that their aliases stand for, which a
    /// few hundred bytes can make endless, so this is found out before it runs. Errs on the safe side, and only in documents
    /// that use aliases.
    private static func hasAliasInName(_ text: String) -> Bool {
        let opening = Set(" \t\r\n[{,:-?".utf8)
        let complex = Set(" \t\r\n[{*&!".utf8)
        var isName = false
        var isAfterQuestion = false
        var hasAlias = false
        var previous = UInt8(ascii: "\n")
        var isAlias = false
        // Whether the last byte that isn't a blank ended an alias or a collection.
        var endsNode = false
        for byte in text.utf8 {
            let isBlank = byte == 0x20 || byte == 0x09
            let isWord = NameRule.allows(byte) && byte != UInt8(ascii: ".")
            // '?x' is at most a plain name, or a filter of an expression.
            if isAfterQuestion, complex.contains(byte) { isName = true }
            isAfterQuestion = byte == UInt8(ascii: "?") && opening.contains(previous)
            switch byte {
            case UInt8(ascii: "*") where opening.contains(previous): isAlias = true
            case UInt8(ascii: ":") where endsNode: isName = true
            default: break
            }
            if isAlias, isWord {
                hasAlias = true
                endsNode = true
            } else if !isBlank {
                endsNode = byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
            }
            if byte != UInt8(ascii: "*"), !isWord { isAlias = false }
            previous = byte
        }
        return hasAlias && isName
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
        case .scalar(let scalar):
            if scalar.style == .plain, !isTagged(scalar), let first = scalar.string.utf8.first,
                first == UInt8(ascii: "-") || (first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9")),
                let number = try? JSON(parsing: scalar.string)
            {
                // As it came: reading and writing it again would round what is longer than a machine's numbers.
                writer.write(number)
            } else {
                writer.write(try value(of: node, scalar))
            }
        case .alias: throw InvalidGraph("the document refers to an anchor that isn't there")
        }
    }

    /// Written as a text on purpose: `!!str 42`, `! 42`.
    private func isTagged(_ scalar: Node.Scalar) -> Bool {
        [Tag.Name.str.rawValue, Tag.Name.nonSpecific.rawValue].contains(scalar.tag.rawValue)
    }

    private func value(of node: Node, _ scalar: Node.Scalar) throws(InvalidGraph) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any, !isTagged(scalar) else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let bool = node.bool, ["true", "false"].contains(scalar.string.lowercased()) { return .bool(bool) }
        guard let first = scalar.string.first, first.isNumber || "-+.".contains(first) else { return .string(scalar.string) }
        // 17:30 is a number to base 60 in YAML 1.1 only.
        guard !scalar.string.utf8.contains(UInt8(ascii: ":")) else { return .string(scalar.string) }
        if let int = node.int { return .integer(Int64(int)) }
        if let float = node.float {
            guard float.isFinite else { throw InvalidGraph("'\(scalar.string)' in the document is no number that JSON has") }
            return .number(float)
        }
        return .string(scalar.string)
    }
}
