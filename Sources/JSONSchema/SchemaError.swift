import CJSONSchema

/// Why a schema was not compiled, or an instance not looked at.
public struct SchemaError: Error, Sendable, Hashable {
    /// The kind of failure.
    public enum Code: Sendable, Hashable {
        /// The text is not JSON (RFC 8259), or an object has a key twice.
        case malformed
        /// A keyword of the schema has a value it may not have, or a reference leads nowhere.
        case invalidSchema
        /// The schema needs what is not supported: another draft, another document, look-around in a pattern.
        case unsupported
        /// The text is too large, nested too deeply, or asks for too much work.
        case limitExceeded
        /// Memory ran out.
        case outOfMemory
    }

    public var code: Code

    /// The JSON pointer of the place at fault in the text that was given; empty for the whole text.
    public var path: String

    /// What is wrong at `path`.
    public var message: String

    /// Creates an error.
    public init(code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }
}

extension SchemaError {
    init(_ status: cjs_status, _ entries: [Violation]) {
        code =
            switch status {
            case CJS_WRONG_SCHEMA: .invalidSchema
            case CJS_UNSUPPORTED: .unsupported
            case CJS_LIMIT: .limitExceeded
            case CJS_NO_MEMORY: .outOfMemory
            default: .malformed
            }
        path = entries.first?.path ?? ""
        message = entries.first?.message ?? (code == .outOfMemory ? "memory ran out" : "the text could not be read")
    }
}

extension SchemaError: CustomStringConvertible {
    /// The place and what is wrong there.
    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
