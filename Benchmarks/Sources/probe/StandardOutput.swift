import Foundation

/// Writes each text at once: what reads it waits for it, and a pipe or file would be buffered.
struct StandardOutput: TextOutputStream {
    func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

nonisolated(unsafe) var standardOutput = StandardOutput()
