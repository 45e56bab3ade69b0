import Foundation

/// What the environment says of mutations: how many (`BATON_FUZZ_RUNS`, for each target), or for how long (`BATON_FUZZ_SECONDS`), by
/// which seed (`BATON_FUZZ_SEED`), of which targets (`BATON_FUZZ_TARGETS`), and where inputs go that find something
/// (`BATON_FUZZ_FINDINGS`).
struct FuzzSettings {
    let runs: Int
    let duration: Duration?
    let seed: UInt64
    let targets: Set<String>?
    let findings: URL

    static let shared = FuzzSettings(ProcessInfo.processInfo.environment)

    init(_ environment: [String: String]) {
        runs = environment["BATON_FUZZ_RUNS"].flatMap { Int($0) } ?? 150
        duration = environment["BATON_FUZZ_SECONDS"].flatMap { Int($0) }.map { .seconds($0) }
        seed = environment["BATON_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_121
        targets = environment["BATON_FUZZ_TARGETS"].map { Set($0.split(separator: " ").map(String.init)) }
        findings = environment["BATON_FUZZ_FINDINGS"].map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.temporaryDirectory.appending(path: "baton-fuzz")
    }

    func includes(_ name: String) -> Bool { targets?.contains(name) ?? true }
}
