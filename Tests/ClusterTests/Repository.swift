import Foundation

/// Where things lie: the repository's files, and the programs that were built with the tests.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ relative: String) -> String { root.appending(path: relative).path }

    /// The `baton` program: named by `BATON_EXECUTABLE`, or beside the test bundle.
    static func baton() throws -> String {
        let named = ProcessInfo.processInfo.environment["BATON_EXECUTABLE"].map { [$0] } ?? []
        let candidates = named.isEmpty ? buildFolders.map { $0 + "/baton" } : named
        guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
            throw Failure("there is no baton to test: looked for \(candidates); build it first, or set BATON_EXECUTABLE")
        }
        return found
    }

    /// The bundle is an argument, or, where it is a program of its own, the process itself; packages end up beside it.
    private static var buildFolders: [String] {
        let arguments = CommandLine.arguments
        let bundles = arguments.filter { $0.hasSuffix(".xctest") }
        let paths = bundles + arguments.prefix(1) + [root.appending(path: ".build/debug/bundle").path]
        return paths.map { URL(filePath: $0).deletingLastPathComponent().path }
    }
}

/// What a test needs didn't come about.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
