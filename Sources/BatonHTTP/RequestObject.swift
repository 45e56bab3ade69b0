import BatonModel
import Hummingbird

/// The object in a request's body, read strictly: a field that means nothing here is refused by its name, since a misspelt one
/// would have something done that nobody asked for. No body is the same as an object without fields, null the same as no field.
struct RequestObject {
    private let values: [String: JSON]

    /// - Parameter form: what to send instead, for the messages.
    init(_ bytes: [UInt8], allowing known: [String], form: String) throws(Problem) {
        guard bytes.contains(where: { $0 > 0x20 }) else {
            values = [:]
            return
        }
        let body: JSON
        do throws(JSONError) { body = try JSON(parsing: bytes) } catch {
            throw .badRequest("the body is not JSON: \(error). Instead, send \(form)")
        }
        guard let fields = body.fields else { throw .badRequest("the body must be an object: send \(form)") }
        var values: [String: JSON] = [:]
        var seen: Set<String> = []
        for (name, value) in fields {
            guard known.contains(name) else {
                let list = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
                throw .badRequest("the body has no field '\(Self.shown(name))': \(list)")
            }
            guard seen.insert(name).inserted else { throw .badRequest("the body has the field '\(name)' twice: give it once") }
            if !value.isNull { values[name] = value }
        }
        self.values = values
    }

    /// As it came.
    func json(_ name: String) -> JSON? { values[name] }

    func object(_ name: String) throws(Problem) -> JSON? {
        guard let value = values[name] else { return nil }
        guard value.isObject else { throw .badRequest("the field '\(name)' must be an object") }
        return value
    }

    func text(_ name: String) throws(Problem) -> String? {
        guard let value = values[name] else { return nil }
        guard case .string(let text) = value.value else { throw .badRequest("the field '\(name)' must be a text") }
        return text
    }

    /// A text that says something: an empty one would be taken for anything, or for nothing.
    func word(_ name: String) throws(Problem) -> String? {
        let text = try text(name)
        if text?.isEmpty == true { throw .badRequest("the field '\(name)' is empty: leave it out, or fill it in") }
        return text
    }

    func flag(_ name: String) throws(Problem) -> Bool? {
        guard let value = values[name] else { return nil }
        guard case .bool(let flag) = value.value else { throw .badRequest("the field '\(name)' must be true or false") }
        return flag
    }

    func count(_ name: String) throws(Problem) -> Int64? {
        guard let value = values[name] else { return nil }
        guard let count = value.value.int, count >= 0 else {
            throw .badRequest("the field '\(name)' must be a whole number from 0")
        }
        return Int64(count)
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) throws(Problem) -> Choice? {
        guard let value = values[name] else { return nil }
        if let choice = value.value.string.flatMap(Choice.init(rawValue:)) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badRequest("the field '\(name)' is \(Self.shown(value.description)), but must be one of \(known)")
    }

    /// A list that is given must have entries: whoever leaves one empty meant to name something.
    func identifiers<ID: Identifier>(_ name: String, _ type: ID.Type) throws(Problem) -> [ID]? {
        try list(name, of: "texts") { value, _ throws(Problem) in
            guard let text = value.string, !text.isEmpty else { return nil }
            return ID(text)
        }
    }

    /// A list of `{"run": …, "task": …}`.
    func references(_ name: String) throws(Problem) -> [TaskReference]? {
        try list(name, of: #"objects {"run": …, "task": …}"#) { value, place throws(Problem) in
            guard let fields = value.object else { return nil }
            if let unknown = fields.keys.filter({ $0 != "run" && $0 != "task" }).min() {
                throw .badRequest("\(place) has no field '\(Self.shown(unknown))': it has run, task")
            }
            guard let run = fields["run"]?.string, let task = fields["task"]?.string, !run.isEmpty, !task.isEmpty else { return nil }
            return TaskReference(run: RunID(run), task: TaskID(task))
        }
    }

    private func list<Item>(
        _ name: String, of what: String, _ item: (JSONValue, _ place: String) throws(Problem) -> Item?
    ) throws(Problem) -> [Item]? {
        guard let value = values[name] else { return nil }
        guard case .array(let values) = value.value else { throw .badRequest("the field '\(name)' must be a list of \(what)") }
        guard !values.isEmpty else { throw .badRequest("the field '\(name)' is an empty list: leave it out, or fill it in") }
        var items: [Item] = []
        items.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            let place = "\(name)[\(index)]"
            guard let item = try item(value, place) else {
                throw .badRequest("\(place) is wrong: the field '\(name)' must be a list of \(what)")
            }
            items.append(item)
        }
        return items
    }

    /// Enough of a text to find it by.
    private static func shown(_ text: String) -> String { text.utf8.count <= 64 ? text : String(text.prefix(64)) + "…" }
}
