extension Value {
    /// Why bytes aren't a JSON text, and where.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        public let message: String
        /// In bytes, from 0.
        public let offset: Int
        /// From 1.
        public let line: Int
        /// In characters (code points), from 1.
        public let column: Int

        public var description: String { "line \(line), column \(column): \(message)" }

        init(_ message: String, in bytes: [UInt8], at offset: Int) {
            let before = bytes.prefix(offset)
            let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            self.message = message
            self.offset = offset
            line = 1 + before.count { $0 == UInt8(ascii: "\n") }
            column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
        }
    }
}
