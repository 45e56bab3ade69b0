import CJSONSchema

/// A JSON Schema (draft 7), compiled once and used for any number of validations.
///
/// Compiling takes the schema's text apart, binds its references and builds its patterns; ``validate(_:)`` does none of that
/// again. A schema never changes, so it may be shared between tasks. Neither the schema's text nor the instance's need be
/// trusted: see <doc:JSONSchema> for the bounds.
public struct Schema: Sendable {
    /// How many violations one validation reports at most: 20.
    public static let maximumViolations = 20

    private let compiled: CompiledSchema

    /// Compiles the text of a schema: UTF-8, at most 256 KiB.
    ///
    /// Fails with the place in the schema when a keyword has a value it may not have, a reference leads nowhere or out of
    /// the text, a pattern needs look-around or back-references, or the draft is another one.
    public init(_ json: some Sequence<UInt8>) throws(SchemaError) {
        compiled = try CompiledSchema(Array(json))
    }

    /// Says where an instance (UTF-8) breaks the schema; an empty list means that it is valid.
    ///
    /// Runs synchronously and does not suspend. Its work is bounded by a constant and the size of `json`, whose size is the
    /// caller's to limit. Fails when `json` is not JSON, is nested deeper than 128 levels, or asks for more work than that.
    public func validate(_ json: [UInt8]) throws(SchemaError) -> [Violation] {
        let (status, entries) = compiled.validate(json, maximumViolations: Self.maximumViolations)
        switch status {
        case CJS_OK: return []
        case CJS_VIOLATIONS: return entries
        default: throw SchemaError(status, entries)
        }
    }
}
