import Benchmark

/// What the plugin calls for the list of benchmarks, in a process of its own for each of them.
let benchmarks: @Sendable () -> Void = {
    registerEngine()
    registerStore()
    registerWire()
    registerJMESPath()
    registerDocument()
    registerAMQP()
}
