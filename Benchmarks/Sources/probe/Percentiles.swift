/// Of measured times, by the nearest rank.
struct Percentiles {
    private let sorted: [UInt64]

    /// - Parameter nanoseconds: at least one.
    init(_ nanoseconds: [UInt64]) { sorted = nanoseconds.sorted() }

    /// In microseconds.
    subscript(fraction: Double) -> Double {
        let rank = Int((fraction * Double(sorted.count)).rounded(.up))
        return Double(sorted[max(0, min(sorted.count, rank) - 1)]) / 1_000
    }
}
