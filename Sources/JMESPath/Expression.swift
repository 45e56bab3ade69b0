/// A JMESPath expression, compiled once and evaluated on as many values as needed.
///
/// Compiling takes time proportional to the text. Evaluating takes at most ``Limits/steps`` steps, and memory in proportion.
public struct Expression: Sendable {
    /// The text it was compiled from.
    public let text: String
    public let limits: Limits

    /// The names of the top-level fields that it reads, or `nil` when it may read the whole value.
    ///
    /// An evaluation on an object without its other fields gives the same result.
    public let references: Set<String>?

    let tree: Tree
    let root: Node.ID

    /// What an expression may cost.
    public struct Limits: Hashable, Sendable {
        /// The longest text, in UTF-8 bytes.
        public var length: Int
        /// How much an evaluation may do: a step is one value visited, made or compared, or eight bytes of text.
        ///
        /// Ten million steps take about half a second, and up to some hundred megabytes.
        public var steps: Int

        public init(length: Int = 65_536, steps: Int = 10_000_000) {
            self.length = length
            self.steps = steps
        }
    }

    /// Compiles an expression.
    ///
    /// Fails with the place for a text that isn't an expression, unknown functions, wrong numbers of arguments, a slice with
    /// step 0, and arguments with `&` where a value is taken or without where an expression is.
    public init(_ text: String, limits: Limits = Limits()) throws(JMESPathError) {
        guard text.utf8.count <= limits.length else {
            throw JMESPathError(
                .tooComplex, "the expression has \(text.utf8.count) bytes, and at most \(limits.length) are allowed", in: text)
        }
        var parser = try Parser(text)
        root = try parser.parse()
        tree = parser.tree
        references = tree.references(of: root)
        self.text = text
        self.limits = limits
    }
}

extension Expression: Hashable, CustomStringConvertible {
    /// Expressions are equal when their texts and limits are.
    public static func == (left: Expression, right: Expression) -> Bool {
        left.limits == right.limits && left.text.hasSameCodePoints(as: right.text)
    }

    public func hash(into hasher: inout Hasher) { Value.string(text).hash(into: &hasher) }

    public var description: String { text }
}
