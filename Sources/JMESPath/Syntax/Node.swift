/// A part of an expression. Parts refer to each other by their places in the ``Tree``.
enum Node: Sendable {
    typealias ID = Int

    /// `@`
    case current
    case literal(Value)
    case field(String)
    case index(Int)
    case slice(Bounds)
    /// An array with the items of arrays in it in their places, one level deep.
    case flatten
    /// Each part applies to the result of the one before: `a.b`, `a[0]`, `a | b`.
    case chain([ID])
    /// Applies to each item of an array and collects what isn't null.
    case projection(ID)
    /// Applies to each value of an object and collects what isn't null.
    case valueProjection(ID)
    /// A projection of the items for which the condition holds.
    case filter(condition: ID, ID)
    case not(ID)
    case all([ID])
    case any([ID])
    case comparison(Comparator, ID, ID)
    case list([ID])
    case hash([Member])
    case call(Call)

    struct Member: Sendable {
        let name: String
        let value: ID
    }

    struct Call: Sendable {
        let function: Function
        let arguments: [ID]
        /// Where the name stands in the text.
        let offset: Int
    }
}
