extension Value: Hashable {
    public static func == (left: Value, right: Value) -> Bool {
        isEqual(left, right) { _ in }
    }

    /// Equal values hash alike. Only the outer level is looked at, so that hashing is as cheap for deep values.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        switch self {
        case .null: break
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .number(let value):
            if let integer = Int64(exactly: value) { hasher.combine(integer) } else { hasher.combine(value.isNaN ? .nan : value) }
        case .string(let text):
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .array(let items):
            hasher.combine(items.count)
            for item in items {
                switch item {
                case .array, .object: hasher.combine(item.kind)
                default: hasher.combine(item)
                }
            }
        case .object(let fields): hasher.combine(fields.count)
        }
    }

    /// Compares without recursion, so that depth doesn't matter. `charge` is told how much was compared, before it is.
    static func isEqual<Failure: Error>(
        _ left: Value, _ right: Value, charge: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        var open = [(left, right)]
        while let (left, right) = open.popLast() {
            switch (left, right) {
            case (.array(let left), .array(let right)):
                guard left.count == right.count else { return false }
                try charge(left.count + 1)
                open.append(contentsOf: zip(left, right).reversed())
            case (.object(let left), .object(let right)):
                guard left.count == right.count else { return false }
                try charge(left.count + 1)
                for field in left.reversed() {
                    try charge(Work.text(field.name))
                    guard let other = right[field.name] else { return false }
                    open.append((field.value, other))
                }
            case (.string(let left), .string(let right)):
                guard left.utf8.count == right.utf8.count else { return false }
                try charge(Work.text(left))
                guard left.hasSameCodePoints(as: right) else { return false }
            default:
                guard isEqualScalar(left, right) else { return false }
            }
        }
        return true
    }

    private static func isEqualScalar(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right || (left.isNaN && right.isNaN)
        case (.integer(let integer), .number(let number)), (.number(let number), .integer(let integer)):
            Int64(exactly: number) == integer
        default: false
        }
    }

    /// Whether a number is less than another, exactly; `nil` where one of them isn't a number.
    static func isLess(_ left: Value, _ right: Value) -> Bool? {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.number(let left), .number(let right)): left < right
        case (.integer(let left), .number(let right)): isLess(left, right)
        case (.number(let left), .integer(let right)): !isLess(right, left) && Int64(exactly: left) != right
        default: nil
        }
    }

    /// Not by way of `Double(integer)`, which rounds integers beyond 2⁵³.
    private static func isLess(_ integer: Int64, _ number: Double) -> Bool {
        if number >= 0x1p63 { return true }
        guard number >= -0x1p63 else { return false }
        let floor = number.rounded(.down)
        let whole = Int64(floor)
        return integer < whole || (integer == whole && number > floor)
    }
}

extension Value.Object: Hashable {
    public static func == (left: Value.Object, right: Value.Object) -> Bool { Value.object(left) == .object(right) }
    public func hash(into hasher: inout Hasher) { Value.object(self).hash(into: &hasher) }
}
