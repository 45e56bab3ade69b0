import ArgumentParser
import BatonModel
import Foundation

/// Where a picture goes.
enum PictureFile {
    /// By the end of a file's name.
    static func format(of file: String?) -> PictureFormat? {
        switch file?.split(separator: ".").last?.lowercased() {
        case "svg": .svg
        case "dot", "gv": .dot
        case "mmd", "mermaid": .mermaid
        case "json": .json
        default: nil
        }
    }

    /// - Throws: `ValidationError` where the file can't be written.
    static func write(_ text: String, to file: String?) throws {
        guard let file else {
            return Terminal.standardOutput(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        } catch {
            throw ValidationError("can't write '\(file)': \(error.localizedDescription)")
        }
    }
}
