/// What a document is checked for beyond the model's own knowledge: whether its expressions and its schemas can be used.
///
/// Each check gives what is wrong, or `nil`. The coordinator brings its own; without them the texts are taken as they are.
public struct SyntaxChecks: Sendable {
    public var expression: @Sendable (String) -> String?
    public var schema: @Sendable (JSON) -> String?
    /// Whether a text can be split into items.
    public var items: @Sendable (Loop.Source) -> String?

    public init(
        expression: @escaping @Sendable (String) -> String?, schema: @escaping @Sendable (JSON) -> String?,
        items: @escaping @Sendable (Loop.Source) -> String?
    ) {
        self.expression = expression
        self.schema = schema
        self.items = items
    }

    public static let none = SyntaxChecks(expression: { _ in nil }, schema: { _ in nil }, items: { _ in nil })
}
