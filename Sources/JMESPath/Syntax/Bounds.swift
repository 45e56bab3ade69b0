/// A slice's start, stop and step. The step isn't 0.
struct Bounds: Hashable, Sendable {
    var start: Int?
    var stop: Int?
    var step = 1

    /// Which places of an array of this size are taken, and in which order.
    func places(count: Int) -> StrideTo<Int> {
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? count : count - 1
        func clamp(_ place: Int) -> Int { min(max(place < 0 ? place + count : place, lowest), highest) }
        let first = start.map(clamp) ?? (step > 0 ? lowest : highest)
        let end = stop.map(clamp) ?? (step > 0 ? highest : lowest)
        // A step beyond the array takes one place, whatever its size; cut, it can't overflow.
        return stride(from: first, to: end, by: min(max(step, -count - 1), count + 1))
    }
}
