import Foundation
import Yams

/// A file of options: a mapping in YAML of the options' names, without the dashes, to their values.
struct OptionsFile: Sendable {
    /// The names that may stand there: those of the commands' options that also have a variable.
    static let names: Set<String> = [
        "amqp-url", "namespace", "database", "http", "allow-remote", "server", "token", "log-level", "management-url", "queues", "slots",
        "tags", "allow-shell", "heartbeat-interval", "lease-after", "drain-timeout", "cancel-grace", "lookahead",
        "tokens", "jwt-keys", "jwt-secret-file", "jwt-issuer", "jwt-audience", "jwt-owner-claim", "jwt-role-claim", "require-owner",
        "keep-completed", "keep-failed", "celery-queues",
    ]
    private static let lists: Set<String> = ["queues", "tags", "celery-queues"]
    private static let switches: Set<String> = ["allow-remote", "allow-shell", "require-owner"]

    /// Where one is read without being asked for.
    static let usual = "baton.yaml"
    private static let largest = 64 << 10

    /// By the names of the variables that they stand for, such as `BATON_AMQP_URL`.
    let values: [String: String]

    static func variable(_ name: String) -> String { "BATON_" + name.uppercased().replacing("-", with: "_") }

    /// Reads the file that a flag names, else `BATON_CONFIG`, else `baton.yaml` in the current directory, if that is there.
    ///
    /// - Throws: `UsageError` that names each mistake's place.
    static func read(_ flag: String?) throws(UsageError) -> OptionsFile {
        let named = flag ?? Environment.variable("BATON_CONFIG")
        guard let path = named ?? (FileManager.default.fileExists(atPath: usual) ? usual : nil) else { return OptionsFile() }
        let bytes: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            bytes = try file.read(upToCount: largest + 1) ?? Data()
        } catch {
            throw UsageError("can't read the options file '\(path)': correct --config or BATON_CONFIG")
        }
        guard bytes.count <= largest else { throw UsageError("the options file '\(path)' is larger than \(largest) bytes: is it one?") }
        return try OptionsFile(text: String(decoding: bytes, as: UTF8.self), path: path)
    }

    init() { values = [:] }

    init(text: String, path: String) throws(UsageError) {
        // Anchors have no use here, and a small file with many of them can keep a parser busy without end.
        guard !text.hasPrefix("&"), ![" &", "\t&", "\n&", "[&", "{&", ",&"].contains(where: text.contains) else {
            throw UsageError("the options file '\(path)' uses anchors: write each value out")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw UsageError("the options file '\(path)' is not YAML: \(error)")
        }
        guard let node, node.null == nil else {
            values = [:]
            return
        }
        guard case .mapping(let mapping) = node else {
            throw UsageError("the options file '\(path)' must hold names and values, such as 'namespace: baton'")
        }
        var values: [String: String] = [:]
        var problems: [String] = []
        for (key, value) in mapping {
            let place = path + ((key.mark ?? value.mark).map { ", line \($0.line)" } ?? "")
            let name = key.string ?? ""
            if !Self.names.contains(name) {
                problems.append("\(place): there is no option '\(name)'")
            } else if let text = Self.text(value, of: name) {
                values[Self.variable(name)] = text
            } else {
                let expected = Self.switches.contains(name) ? "true or false" : Self.lists.contains(name) ? "a value or a list of them" : "a single value"
                problems.append("\(place): '\(name)' must be \(expected)")
            }
        }
        guard problems.isEmpty else {
            let hint = path == Self.usual ? "\n  (\(Self.usual) in the current directory is read as options; call it something else if it is none)" : ""
            throw UsageError(
                "the options file is wrong:\n" + problems.map { "  " + $0 }.joined(separator: "\n")
                    + "\n  the options are: \(Self.names.sorted().joined(separator: ", "))" + hint)
        }
        self.values = values
    }

    private static func text(_ node: Node, of name: String) -> String? {
        switch node {
        case .scalar(let scalar):
            if scalar.string.isEmpty || (scalar.style == .plain && node.null != nil) { return nil }
            return switches.contains(name) && Bool(scalar.string) == nil ? nil : scalar.string
        case .sequence(let items):
            guard lists.contains(name) else { return nil }
            let texts = items.compactMap(\.scalar?.string)
            return texts.count == items.count ? texts.joined(separator: ",") : nil
        case .mapping, .alias: return nil
        }
    }
}
