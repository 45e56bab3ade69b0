import ArgumentParser
import BatonCoordinator
import BatonHTTP
import BatonModel
import Foundation

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes tokens for people and programs that talk to a coordinator.",
        subcommands: [Create.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Makes a token, and the line for the file that 'baton coordinator --tokens' reads.",
            discussion: """
                The token is shown once and kept nowhere: the file has its hash only. A running coordinator heeds a changed file within
                a second, so to take a token back, remove its line.

                Examples:
                  baton token create --name shop-backend --owner shop --role user --file /etc/baton/tokens
                  baton token create --name ops --role admin >> /etc/baton/tokens     the token goes to the standard error
                """)

        @Option(help: "Whose token it is, for people and the log. (default: the owner, or the role)")
        var name: String?

        @Option(help: "Whose runs it may see and change: what the role 'user' needs, and 'viewer' may have.")
        var owner: String?

        @Option(
            help: """
                user (submits and changes what its owner has), viewer (reads it, or everything where there is no owner), \
                admin (everything), metrics (workers, queues and figures).
                """)
        var role: Role

        @Option(help: "Add the line to this file, instead of writing it to the standard output.")
        var file: String?

        func run() throws {
            let identity = Identity(name: name ?? Self.name(owner) ?? role.rawValue, owner: owner, role: role)
            let (token, entry) = try TokenEntry.create(identity)
            if let file {
                try Self.append(entry.line + "\n", to: file)
                Terminal.standardOutput(token)
                Terminal.standardError("baton: the line is in \(file); the token above is shown this once")
            } else {
                Terminal.standardError("baton: the token is shown this once, the line is for the file of --tokens:\n\(token)")
                Terminal.standardOutput(entry.line)
            }
        }

        /// An owner that can't be a name needs another one beside it.
        private static func name(_ owner: String?) -> String? { owner.flatMap { NameRule.allows($0) ? $0 : nil } }

        private static func append(_ line: String, to path: String) throws {
            if !FileManager.default.fileExists(atPath: path) {
                guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
                    throw UsageError("\(path) can't be written")
                }
            }
            do {
                let handle = try FileHandle(forUpdating: URL(filePath: path))
                defer { try? handle.close() }
                let end = try handle.seekToEnd()
                var text = line
                if end > 0 {
                    // A last line that was left open is not to be made longer.
                    try handle.seek(toOffset: end - 1)
                    if try handle.read(upToCount: 1) != Data("\n".utf8) { text = "\n" + text }
                }
                try handle.write(contentsOf: Data(text.utf8))
            } catch {
                throw UsageError("\(path) can't be written: \(error.localizedDescription)")
            }
        }
    }
}
