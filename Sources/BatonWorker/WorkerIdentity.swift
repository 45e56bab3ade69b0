import BatonModel
import Foundation

/// Makes worker ids: `<host>-<process>-<random>`, so that operators see where a worker is and no two are alike.
enum WorkerIdentity {
    static func make(
        host: String, process: Int32 = ProcessInfo.processInfo.processIdentifier, using generator: inout some RandomNumberGenerator
    ) -> WorkerID {
        let random = String(generator.next() as UInt64, radix: 36)
        let allowed = host.prefix(48).filter { NameRule.allows(String($0)) }
        return WorkerID("\(allowed.isEmpty ? "worker" : allowed)-\(process)-\(random)")
    }
}

/// The machine's own name, without asking the network.
enum HostName {
    static var current: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
