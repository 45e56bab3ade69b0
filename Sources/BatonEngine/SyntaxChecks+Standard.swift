public import BatonModel
import JMESPath
import JSONSchema

extension SyntaxChecks {
    /// Expressions in JMESPath, schemas in JSON Schema (draft 7), and items as loops take them apart.
    public static let standard = SyntaxChecks(
        expression: { text in
            do throws(JMESPathError) {
                _ = try Expression.compiled(text)
                return nil
            } catch {
                return "'\(text)' is not an expression: \(error.message)\(error.excerpt.map { "\n\($0)" } ?? "")"
            }
        },
        schema: { schema in
            do {
                _ = try Schema(schema.bytes)
                return nil
            } catch {
                return "is not a JSON Schema: \(error)"
            }
        },
        items: { source in
            do throws(UnreadableItems) {
                _ = try Items.split(source)
                return nil
            } catch {
                return error.description
            }
        })
}
