import BatonFuzzing
import Foundation
import Synchronization

/// What the functions work with that libFuzzer calls. The main program is libFuzzer's own, and so are its arguments, but for --list:
/// see llvm.org/docs/LibFuzzer.html. Which target is fed, the environment says: BATON_FUZZ_TARGET.
struct Driver: Sendable {
    static let shared = Mutex<Driver?>(nil)

    let target: FuzzTarget
    let mutator: Mutator

    init?(_ name: String) {
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else { return nil }
        self.target = target
        mutator = Mutator(target)
    }

    /// Ends the process where the target finds something, whereupon libFuzzer keeps the input.
    func run(_ bytes: [UInt8]) {
        do {
            try wait(for: bytes)
        } catch {
            Self.say("\n\(target.name): \(error)\n")
            abort()
        }
    }

    /// The thread is libFuzzer's own, so that blocking it holds nobody up.
    private func wait(for bytes: [UInt8]) throws {
        if let check = target.checkNow { return try check(bytes) }
        let done = DispatchSemaphore(value: 0)
        let outcome = Mutex<(any Error)?>(nil)
        Task {
            do { try await target.run(bytes) } catch { outcome.withLock { $0 = error } }
            done.signal()
        }
        done.wait()
        if let error = outcome.withLock({ $0 }) { throw error }
    }

    static func say(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

@_cdecl("LLVMFuzzerInitialize")
public func prepare(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    if CommandLine.arguments.contains("--list") {
        for target in FuzzTarget.all { print(target.name, target.longest, target.summary, separator: "\t") }
        exit(0)
    }
    guard let driver = Driver(ProcessInfo.processInfo.environment["BATON_FUZZ_TARGET"] ?? "") else {
        Driver.say("BATON_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))\n")
        exit(2)
    }
    Driver.shared.withLock { $0 = driver }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let driver = Driver.shared.withLock { $0 }
    driver?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int

/// Every other mutation is by the tokens and values of the target's language, the rest by what libFuzzer learns from comparisons.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
    guard seed & 1 == 0, let driver = Driver.shared.withLock({ $0 }) else { return mutateBytes(data, count, most) }
    var generator = SeededGenerator(seed: UInt64(seed))
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let mutated = driver.mutator.mutate(bytes, with: bytes, using: &generator).prefix(most)
    _ = UnsafeMutableBufferPointer(start: data, count: most).update(fromContentsOf: mutated)
    return mutated.count
}
