// The rounding of numbers needs the C library of mathematics, which these modules link.
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Evaluator {
    mutating func applyToNumbers(_ call: Node.Call, _ value: Value) throws(JMESPathError) -> Value {
        switch (call.function, value) {
        case (.abs, .integer(let integer)): return integer == .min ? .number(0x1p63) : .integer(Swift.abs(integer))
        case (.abs, .number(let number)): return .number(Swift.abs(number))
        case (.ceil, .number(let number)): return whole(number.rounded(.up))
        case (.floor, .number(let number)): return whole(number.rounded(.down))
        case (.sum, .array(let items)): return try sum(items, call)
        case (.avg, .array(let items)):
            if items.isEmpty { return .null }
            let sum: Double
            switch try self.sum(items, call) {
            case .integer(let integer): sum = Double(integer)
            case .number(let number): sum = number
            default: return .null
            }
            return .number(sum / Double(items.count))
        default: return value
        }
    }

    /// Exact for integers as long as the sum fits 64 bits.
    private mutating func sum(_ items: [Value], _ call: Node.Call) throws(JMESPathError) -> Value {
        try spend(items.count)
        var integers: Int64 = 0
        var isInteger = true
        var sum = 0.0
        for item in items {
            switch item {
            case .integer(let integer) where isInteger:
                let (next, overflow) = integers.addingReportingOverflow(integer)
                integers = next
                guard overflow else { continue }
                isInteger = false
                sum = Double(next &- integer) + Double(integer)
            case .integer(let integer): sum += Double(integer)
            case .number(let number):
                sum = (isInteger ? Double(integers) : sum) + number
                isInteger = false
            default: break
            }
        }
        guard !isInteger else { return .integer(integers) }
        guard sum.isFinite else {
            throw JMESPathError(.invalidValue, "\(call.function.rawValue): the sum is too large for a number", at: call.offset)
        }
        return .number(sum)
    }

    private func whole(_ number: Double) -> Value { Int64(exactly: number).map(Value.integer) ?? .number(number) }
}
