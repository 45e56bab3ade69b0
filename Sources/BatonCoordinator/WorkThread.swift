import Foundation

/// Blocking work on a thread of its own, away from the threads that Swift's tasks share.
enum WorkThread {
    /// Returns when the work has ended.
    static func run(named name: String, _ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                work()
                continuation.resume()
            }
            thread.name = name
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
