extension Value {
    /// How deep arrays and objects of a JSON text may be nested.
    public static let maximumDepth = 256

    /// Reads a JSON text (RFC 8259) in UTF-8, strictly.
    ///
    /// Of a repeated name, the last value counts. Refused, with the place: anything after the value, nesting beyond
    /// ``maximumDepth``, invalid UTF-8, half a surrogate pair, and numbers too large for a `Double`.
    public init(json bytes: some Sequence<UInt8>) throws(ParseError) {
        var parser = JSONParser(Array(bytes))
        self = try parser.parse()
    }

    /// Reads a JSON text, strictly and with the same limits as its bytes.
    public init(json text: String) throws(ParseError) {
        try self.init(json: text.utf8)
    }

    /// This value as JSON in UTF-8, without spaces; fields in their order.
    ///
    /// `1.0` stays `1.0`. Numbers that JSON can't express, infinite or not a number, become `null`.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.write(self) { _ in }
        return writer.bytes
    }
}

extension Value: CustomStringConvertible {
    /// This value as JSON, without spaces.
    public var description: String { String(decoding: json, as: UTF8.self) }
}
