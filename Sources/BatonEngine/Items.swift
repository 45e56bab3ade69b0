public import BatonModel
import SwiftCSV

/// Takes what a loop runs over apart.
public enum Items {
    /// - Throws: `UnreadableItems` with what is wrong and where.
    public static func split(_ source: Loop.Source) throws(UnreadableItems) -> [JSON] {
        switch source {
        case .list(let list): try self.list(list)
        case .csv(let text): try csv(text)
        case .lines(let text): lines(text)
        case .expression, .stored: []
        }
    }

    /// - Parameter value: what an expression gave.
    public static func split(_ value: JSON, as format: Loop.Format) throws(UnreadableItems) -> [JSON] {
        if format == .list { return try list(value) }
        guard case .string(let text) = value.value else {
            throw UnreadableItems("a text is needed for the format \(format.rawValue), not \(kind(of: value))")
        }
        return format == .csv ? try csv(text) : lines(text)
    }

    private static func list(_ json: JSON) throws(UnreadableItems) -> [JSON] {
        var items: [JSON] = []
        var reader = JSONReader(json.bytes)
        do throws(JSONError) {
            try reader.readArray { (reader) throws(JSONError) in items.append(try reader.readRaw()) }
        } catch {
            throw UnreadableItems("a list is needed, not \(kind(of: json))")
        }
        return items
    }

    /// The end of the last line begins no further one.
    private static func lines(_ text: String) -> [JSON] {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines.map { line in
            JSON(.string(String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))))
        }
    }

    /// The first row names the columns. Rows are as in RFC 4180; the separator is a comma, a semicolon or a tab, whichever the first
    /// row uses.
    private static func csv(_ text: String) throws(UnreadableItems) -> [JSON] {
        let text = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
        if text.allSatisfy(\.isWhitespace) { return [] }
        // The library takes all that follows an open quote for one cell.
        if !text.utf8.count(where: { $0 == UInt8(ascii: "\"") }).isMultiple(of: 2) {
            throw UnreadableItems("the text is not CSV: a quote is not closed (inside quotes, a quote is written twice)")
        }
        let table: CSV<Enumerated>
        do {
            // The library loses an empty cell at the very end of the text.
            table = try CSV<Enumerated>(string: text.hasSuffix("\n") ? text : text + "\n", loadColumns: false)
        } catch {
            throw UnreadableItems("the text is not CSV: \(error)")
        }
        let header = table.header
        var items: [JSON] = []
        items.reserveCapacity(table.rows.count)
        for (place, row) in table.rows.enumerated() {
            if row.allSatisfy(\.isEmpty) { continue }
            // Short rows have been filled up by the library.
            if let surplus = row.dropFirst(header.count).first(where: { !$0.isEmpty }) {
                throw UnreadableItems("row \(place + 2) has '\(surplus.prefix(40))' beyond the \(header.count) columns of the first row")
            }
            var writer = JSONWriter()
            writer.object { writer in for (name, cell) in zip(header, row) { writer.field(name, cell) } }
            items.append(writer.json)
        }
        if let twice = Dictionary(grouping: header, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
            throw UnreadableItems("the first row names the column '\(twice)' twice")
        }
        return items
    }

    private static func kind(of json: JSON) -> String {
        var reader = JSONReader(json.bytes)
        let kind = (try? reader.peek())?.rawValue ?? "nothing"
        return kind == "null" ? "null" : "a value of type \(kind)"
    }
}

/// Why a loop has nothing to run over.
public struct UnreadableItems: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String
    init(_ description: String) { self.description = description }
}
