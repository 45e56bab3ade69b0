extension Value {
    /// The fields of a JSON object in their order, each name once.
    ///
    /// Finding a field takes constant time. Two objects are equal when they have equal fields, whatever the order.
    public struct Object: Sendable {
        public struct Field: Sendable {
            public let name: String
            public internal(set) var value: Value
        }

        private var fields: [Field] = []
        /// Where each name is; only kept for objects of more than ``scannedFields``.
        private var positions: [Name: Int] = [:]

        /// Up to this many fields, looking at each is faster than hashing a name.
        private static let scannedFields = 12

        public init() {}

        /// An object of these fields; a repeated name keeps its first place and gets its last value.
        public init(_ fields: some Sequence<(String, Value)>) {
            for (name, value) in fields { set(name, to: value) }
        }

        /// The value of a field; `nil` where it is absent.
        public subscript(name: String) -> Value? { position(of: name).map { fields[$0].value } }

        /// Gives a field a value: in its place where it is present, at the end where it isn't.
        public mutating func set(_ name: String, to value: Value) {
            if let position = position(of: name) {
                fields[position].value = value
            } else {
                append(name, value)
            }
        }

        private func position(of name: String) -> Int? {
            guard positions.isEmpty else { return positions[Name(text: name)] }
            return fields.firstIndex { $0.name.hasSameCodePoints(as: name) }
        }

        private mutating func append(_ name: String, _ value: Value) {
            fields.append(Field(name: name, value: value))
            if !positions.isEmpty {
                positions[Name(text: name)] = fields.count - 1
            } else if fields.count > Self.scannedFields {
                for (position, field) in fields.enumerated() { positions[Name(text: field.name)] = position }
            }
        }

        mutating func reserve(_ count: Int) {
            fields.reserveCapacity(count)
            if count > Self.scannedFields { positions.reserveCapacity(count) }
        }
    }

    /// A name that is equal to another, and hashes like it, by code points.
    fileprivate struct Name: Hashable {
        let text: String

        static func == (left: Name, right: Name) -> Bool { left.text.hasSameCodePoints(as: right.text) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

extension Value.Object: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { fields.count }
    public subscript(position: Int) -> Field { fields[position] }

    public var names: [String] { fields.map(\.name) }
    public var values: [Value] { fields.map(\.value) }
}

extension Value.Object: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }
}
