extension Value {
    /// How many arrays and objects contain each other, this one included.
    var depth: Int {
        var deepest = 0
        var open = [(value: self, depth: 0)]
        while let (value, depth) = open.popLast() {
            switch value {
            case .array(let items):
                deepest = max(deepest, depth + 1)
                for item in items { open.append((item, depth + 1)) }
            case .object(let fields):
                deepest = max(deepest, depth + 1)
                for field in fields { open.append((field.value, depth + 1)) }
            default: break
            }
        }
        return deepest
    }
}
