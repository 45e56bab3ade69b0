extension GraphReader {
    /// Reads the document as YAML, by way of JSON: the same fields, and the same errors with the same paths.
    ///
    /// - Throws: `InvalidGraph`.
    public static func read(
        yaml text: String, limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidGraph) -> Graph {
        let bytes = try YAMLDocument.json(text, limit: limits.documentBytes)
        return try read(json: bytes, limits: limits, checks: checks)
    }

    /// Reads the document as JSON where it begins like JSON, else as YAML.
    ///
    /// - Throws: `InvalidGraph`.
    public static func read(
        document bytes: [UInt8], limits: Limits = Limits(), checks: SyntaxChecks = .none
    ) throws(InvalidGraph) -> Graph {
        let first = bytes.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            return try read(json: bytes, limits: limits, checks: checks)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw InvalidGraph("the document is not UTF-8") }
        return try read(yaml: text, limits: limits, checks: checks)
    }
}
