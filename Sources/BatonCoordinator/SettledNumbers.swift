/// Which outbox entries have been settled: all up to a watermark, and some beyond it. One that can't be sent holds the watermark up,
/// but not the removal of those that come after it.
struct SettledNumbers {
    private(set) var watermark: Int64
    /// Few ranges, however many numbers: they are settled nearly in order.
    private var beyond = RangeSet<Int64>()
    /// Those beyond the watermark that are in the store no more.
    private var gone = RangeSet<Int64>()

    /// - Parameter waiting: the entries after the watermark, in order; what is missing between them was settled before.
    init(watermark: Int64 = 0, waiting: [Int64] = []) {
        self.watermark = watermark
        var next = watermark + 1
        for number in waiting where number >= next {
            if number > next {
                beyond.insert(contentsOf: next..<number)
                gone.insert(contentsOf: next..<number)
            }
            next = number + 1
        }
    }

    func contains(_ number: Int64) -> Bool { number <= watermark || beyond.contains(number) }

    mutating func settle(_ number: Int64) {
        guard number > watermark else { return }
        guard number == watermark + 1 else { return beyond.insert(contentsOf: number..<number + 1) }
        watermark = number
        if let first = beyond.ranges.first, first.lowerBound == watermark + 1 {
            watermark = first.upperBound - 1
            beyond.remove(contentsOf: first)
        }
        guard let first = gone.ranges.first, first.lowerBound <= watermark else { return }
        gone.remove(contentsOf: first.lowerBound..<watermark + 1)
    }

    /// - Returns: none where there are fewer than the least.
    func unremoved(atMost limit: Int, atLeast least: Int) -> [Int64] {
        if beyond.isEmpty { return [] }
        var numbers: [Int64] = []
        for range in beyond.subtracting(gone).ranges {
            numbers.append(contentsOf: range.prefix(limit - numbers.count))
            if numbers.count >= limit { break }
        }
        return numbers.count < least ? [] : numbers
    }

    mutating func removed(_ numbers: [Int64]) {
        for number in numbers where number > watermark { gone.insert(contentsOf: number..<number + 1) }
    }
}
