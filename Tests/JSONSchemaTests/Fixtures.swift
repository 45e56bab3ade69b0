import JSONSchema
import Testing

/// The violations of `instance`, as text.
func violations(_ schema: String, _ instance: String) throws -> [String] {
    try Schema(schema.utf8).validate(Array(instance.utf8)).map(\.description)
}

/// The error that compiling `schema` ends with, or nil.
func refusal(_ schema: String) -> SchemaError? {
    do throws(SchemaError) {
        _ = try Schema(schema.utf8)
        return nil
    } catch {
        return error
    }
}

/// The error that validating `instance` ends with, or nil.
func refusal(_ schema: Schema, _ instance: String) -> SchemaError? {
    do throws(SchemaError) {
        _ = try schema.validate(Array(instance.utf8))
        return nil
    } catch {
        return error
    }
}
