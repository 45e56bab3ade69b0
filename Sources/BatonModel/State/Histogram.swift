import Foundation

/// How times are spread, in buckets that grow by a twentieth: a percentile is right to within 2.5 %.
public struct Histogram: Sendable, Hashable {
    public private(set) var count = 0
    /// In milliseconds.
    public private(set) var sum = 0.0
    private var buckets: [Int: Int] = [:]

    private static let growth = log(1.05)

    public init() {}

    /// - Parameter duration: one below zero counts as none: clocks differ.
    public mutating func add(_ duration: Duration) {
        let milliseconds = max(0, Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15)
        count += 1
        sum += milliseconds
        buckets[Self.bucket(milliseconds), default: 0] += 1
    }

    public mutating func merge(_ other: Histogram) {
        count += other.count
        sum += other.sum
        for (bucket, number) in other.buckets { buckets[bucket, default: 0] += number }
    }

    /// What so great a part of all were not above, in milliseconds; `nil` where there are none.
    public func percentile(_ part: Double) -> Double? {
        guard count > 0 else { return nil }
        var left = max(1, Int((Double(count) * part).rounded(.up)))
        for (bucket, number) in buckets.sorted(by: { $0.key < $1.key }) {
            left -= number
            if left <= 0 { return Self.middle(of: bucket) }
        }
        return nil
    }

    /// How many were not above so many milliseconds, to within a bucket.
    public func count(upTo milliseconds: Double) -> Int {
        let last = Self.bucket(milliseconds)
        return buckets.reduce(0) { $0 + ($1.key <= last ? $1.value : 0) }
    }

    /// 0 for what is below a millisecond.
    private static func bucket(_ milliseconds: Double) -> Int { milliseconds < 1 ? 0 : Int(log(milliseconds) / growth) + 1 }

    private static func middle(of bucket: Int) -> Double { bucket == 0 ? 0.5 : exp((Double(bucket) - 0.5) * growth) }

    package func write(to writer: inout JSONWriter) {
        writer.array { writer in
            writer.write(JSONValue.number(sum))
            for (bucket, number) in buckets.sorted(by: { $0.key < $1.key }) {
                writer.write(bucket)
                writer.write(number)
            }
        }
    }

    /// Reads what `write` has written; what isn't that is an empty one.
    package init(_ value: JSONValue?) {
        guard let numbers = value?.array?.compactMap(\.double), let first = numbers.first, numbers.count % 2 == 1 else { return }
        sum = first
        for index in stride(from: 1, to: numbers.count - 1, by: 2) {
            guard let bucket = Int(exactly: numbers[index]), let number = Int(exactly: numbers[index + 1]) else { continue }
            buckets[bucket, default: 0] += number
            count += number
        }
    }
}
