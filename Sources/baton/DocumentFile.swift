import Foundation

/// A graph document as it lies on disk, or comes from the standard input.
struct DocumentFile {
    let bytes: [UInt8]
    /// By the file's name; `nil` where that says nothing.
    let contentType: String?

    /// - Parameter path: `-` is the standard input.
    init(_ path: String) throws(UsageError) {
        do {
            let file = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            bytes = try file.readToEnd().map { Array($0) } ?? []
        } catch {
            throw UsageError("can't read '\(path)': give the path of a graph document, or - for the standard input")
        }
        switch path.split(separator: ".").last?.lowercased() {
        case "json": contentType = "application/json"
        case "yaml", "yml": contentType = "application/yaml"
        default: contentType = nil
        }
    }
}
