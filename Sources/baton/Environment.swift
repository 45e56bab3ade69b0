import Foundation
import Synchronization

/// The values that stand in for options that are not on the command line: those of the environment's variables, such as
/// `BATON_AMQP_URL`, and where a variable isn't set, those of the options file. `NO_COLOR` and others come from the environment alone.
enum Environment {
    /// Set once, while the command line is read, and so before anybody asks.
    private static let file = Mutex(OptionsFile())

    static func use(_ options: OptionsFile) { file.withLock { $0 = options } }

    /// An empty variable counts as none.
    static func text(_ name: String) -> String? {
        variable(name) ?? file.withLock { $0.values[name] }
    }

    /// From the environment alone.
    static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether a switch is on. Anything but true and false is neither.
    static func isOn(_ name: String) -> Bool { text(name).flatMap { Bool($0) } ?? false }

    /// All variables, with what the file adds to them.
    static var all: [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.value.isEmpty }.merging(file.withLock { $0.values }) { own, _ in own }
    }
}
