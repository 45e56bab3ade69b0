import Foundation
import Synchronization

/// A lock on a file of its own, which the system takes back when the process ends, however it ends.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32>

    /// - Throws: `StoreError` `.inUse` with the holder's process id, where it left one.
    init(path: String, guarding subject: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw StoreError(
                .unusable,
                "the lock file \(path) can't be opened: \(reason) (check that the folder is there, and that this user may write the database and its folder)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
            Foundation.close(descriptor)
            let by = holder.map { $0.isEmpty ? "" : " (process \($0))" } ?? ""
            throw StoreError(
                .inUse,
                "the database \(subject) is held by another coordinator\(by): stop that one first, or use another --database")
        }
        ftruncate(descriptor, 0)
        let text = "\(ProcessInfo.processInfo.processIdentifier)\n"
        _ = text.withCString { Foundation.write(descriptor, $0, text.utf8.count) }
        self.descriptor = Mutex(descriptor)
    }

    func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            Foundation.close(descriptor)
            descriptor = -1
        }
    }

    deinit { release() }
}
