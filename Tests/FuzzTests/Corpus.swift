import BatonFuzzing
import Foundation

/// The inputs that are kept: `Tests/Fuzz/corpus`, a folder for each target.
struct Corpus {
    let inputs: [(name: String, bytes: [UInt8])]

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz/corpus")

    init(of target: FuzzTarget) throws {
        let folder = Self.root.appending(path: target.name)
        inputs = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, Array(try Data(contentsOf: folder.appending(path: name))))
        }
    }

    static func folders() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: root.path).sorted() }
}
