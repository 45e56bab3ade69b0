import BatonFuzzing
import Foundation
import Testing

/// Gives inputs to a target, and keeps those that find something.
struct Trial {
    let target: FuzzTarget
    let settings: FuzzSettings

    /// For one input, on a machine that has much else to do; a thousand times what most take.
    static let longest: Duration = .seconds(20)

    /// - Returns: whether nothing was found.
    func run(_ bytes: [UInt8], _ origin: String) async -> Bool {
        // Checks don't wait for anything, and other suites want their turn.
        await Task.yield()
        let start = ContinuousClock.now
        do {
            try await target.run(bytes)
            let time = ContinuousClock.now - start
            guard time > Self.longest else { return true }
            throw Finding("it took \(time)")
        } catch {
            let file = settings.findings.appending(path: "\(target.name)-\(origin)")
            try? FileManager.default.createDirectory(at: settings.findings, withIntermediateDirectories: true)
            try? Data(bytes).write(to: file)
            Issue.record(
                """
                \(target.name), \(origin): \(error)
                the input, in \(file.path): \(String(decoding: bytes.prefix(400), as: UTF8.self))
                in Base64: \(Data(bytes.prefix(3000)).base64EncodedString())
                """)
            return false
        }
    }

    /// Each mutation is made of a known input, and from the seed and its number alone.
    ///
    /// - Returns: how many were tried.
    func mutations(of corpus: Corpus) async -> Int {
        let mutator = Mutator(target)
        let start = ContinuousClock.now
        var found = 0
        var number = 0
        while found < 3 {
            if let duration = settings.duration { if ContinuousClock.now - start > duration { break } } else if number == settings.runs { break }
            var generator = SeededGenerator(seed: settings.seed &+ UInt64(number) &* 0x1_0000_0001)
            let known = corpus.inputs.randomElement(using: &generator)?.bytes ?? []
            let other = corpus.inputs.randomElement(using: &generator)?.bytes ?? []
            let isFine = await run(mutator.mutate(known, with: other, using: &generator), "seed-\(settings.seed)-\(number)")
            if !isFine { found += 1 }
            number += 1
        }
        return number
    }
}
