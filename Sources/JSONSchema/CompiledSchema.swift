import CJSONSchema

/// Owns the compiled schema on the C side, and frees it.
///
/// Unchecked: the pointer is set once, and what it points to is only read after `cjs_compile` returned. The one part with a
/// state of its own, the automata that a pattern builds while it matches, is locked inside RE2, whose matching functions are
/// documented as safe for concurrent use of one `const RE2`.
final class CompiledSchema: @unchecked Sendable {
    private let schema: OpaquePointer

    init(_ json: [UInt8]) throws(SchemaError) {
        var schema: OpaquePointer?
        var report: OpaquePointer?
        let status = json.withUnsafeBufferPointer { cjs_compile($0.baseAddress, $0.count, &schema, &report) }
        let entries = Self.take(report)
        guard let schema else { throw SchemaError(status, entries) }
        self.schema = schema
    }

    deinit {
        cjs_schema_free(schema)
    }

    func validate(_ json: [UInt8], maximumViolations: Int) -> (cjs_status, [Violation]) {
        var report: OpaquePointer?
        let status = json.withUnsafeBufferPointer {
            cjs_validate(schema, $0.baseAddress, $0.count, maximumViolations, &report)
        }
        return (status, Self.take(report))
    }

    /// Copies a report's entries and frees it.
    private static func take(_ report: OpaquePointer?) -> [Violation] {
        defer { cjs_report_free(report) }
        return (0..<cjs_report_count(report)).map { index in
            Violation(path: String(cjs_report_path(report, index)), message: String(cjs_report_message(report, index)))
        }
    }
}

extension String {
    fileprivate init(_ text: cjs_text) {
        let bytes = UnsafeRawBufferPointer(start: text.bytes, count: text.length)
        self = String(decoding: bytes, as: UTF8.self)
    }
}
