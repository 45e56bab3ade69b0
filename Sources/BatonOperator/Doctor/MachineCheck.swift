import Foundation

/// What of this machine concerns the cluster.
package struct MachineCheck: Sendable {
    let database: String?

    package init(database: String?) { self.database = database }

    package func examine() -> [Finding] { [disk, files] }

    private var disk: Finding {
        let check = "machine.disk"
        guard let database, FileManager.default.fileExists(atPath: database) else {
            return Finding(
                check, .skipped, "the coordinator's database is not on this machine, or not named",
                remedy: "run baton doctor on the coordinator's machine with --database FILE")
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: database)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value else {
            return Finding(check, .skipped, "the free space beside \(database) can't be read")
        }
        return Self.disk(database, free: free)
    }

    package static func disk(_ database: String, free: Int64) -> Finding {
        let check = "machine.disk"
        let text = "\(free >> 20) MiB are free where \(database) lies"
        guard free < 2 << 30 else { return Finding(check, .ok, text) }
        return Finding(
            check, free < 256 << 20 ? .problem : .warning, text + ": a full disk stops the coordinator",
            remedy: "free space, or move the database to a larger disk while the coordinator is stopped")
    }

    private var files: Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding("machine.files", .skipped, "the limit of open files can't be read")
        }
        return Self.files(Int(clamping: limit.rlim_cur))
    }

    package static func files(_ limit: Int) -> Finding {
        guard limit < 1024 else { return Finding("machine.files", .ok, "a process may open \(limit) files and connections") }
        return Finding(
            "machine.files", .warning, "a process may open only \(limit) files and connections here",
            remedy: "raise it: 'ulimit -n 4096', or LimitNOFILE=4096 in the service's unit")
    }
}
