/// A table of names and values in the order given: message headers, and arguments of declarations.
///
/// Look-ups go through the entries one by one, which is the fastest way for the dozen entries a message has.
public struct Headers: Sendable, Equatable {
    /// The entries in order. A name may occur twice on the wire; look-ups find the first.
    public var entries: [(name: String, value: FieldValue)]

    public init() { entries = [] }

    public init(_ entries: [(name: String, value: FieldValue)]) { self.entries = entries }

    public var isEmpty: Bool { entries.isEmpty }
    public var count: Int { entries.count }

    /// The value under a name. Setting appends or replaces in place; setting nil removes.
    public subscript(name: String) -> FieldValue? {
        get { entries.first { $0.name == name }?.value }
        set {
            let position = entries.firstIndex { $0.name == name }
            switch (position, newValue) {
            case (let position?, let value?): entries[position].value = value
            case (let position?, nil): entries.remove(at: position)
            case (nil, let value?): entries.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds an entry without looking whether the name is there already.
    public mutating func append(_ name: String, _ value: FieldValue) { entries.append((name, value)) }

    public static func == (left: Headers, right: Headers) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        entries = elements.map { (name: $0.0, value: $0.1) }
    }
}

extension Headers: Sequence {
    public func makeIterator() -> IndexingIterator<[(name: String, value: FieldValue)]> { entries.makeIterator() }
}
