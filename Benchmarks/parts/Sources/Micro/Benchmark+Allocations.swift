import Benchmark
import CAllocations

extension BenchmarkMetric {
    /// Blocks of memory that the benchmark's thread asks for, each time it does what is measured.
    static let allocations = BenchmarkMetric.custom("Allocations", polarity: .prefersSmaller, useScalingFactor: true)
}

extension Benchmark.Configuration {
    /// - Parameter scale: how often one measurement does the same.
    static func counted(_ scale: BenchmarkScalingFactor = .one) -> Self {
        Self(
            metrics: [.wallClock, .throughput, .allocations], warmupIterations: 3, scalingFactor: scale,
            maxDuration: .seconds(2), maxIterations: 20_000)
    }

    /// Where other threads do part of the work, allocations are not counted.
    static func timed(_ scale: BenchmarkScalingFactor = .one) -> Self {
        var configuration = counted(scale)
        configuration.metrics = [.wallClock, .throughput]
        return configuration
    }
}

extension Benchmark {
    /// Measures the body, and nothing that comes before or after it in the benchmark.
    func counting(_ body: () throws -> Void) rethrows {
        startMeasurement()
        let before = allocations_of_thread()
        try body()
        let made = allocations_of_thread() - before
        stopMeasurement()
        measurement(.allocations, Int(made))
    }
}
