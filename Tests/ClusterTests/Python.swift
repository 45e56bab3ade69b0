import Foundation

/// Other people's programs in Python.
enum Python {
    /// One that has the module: named by `BATON_TEST_PYTHON`, the system's, or one of the cluster's own.
    static func with(_ module: String, for cluster: Cluster) async throws -> String {
        let named = ProcessInfo.processInfo.environment["BATON_TEST_PYTHON"].map { [$0] } ?? []
        var problems: [String] = []
        func hasModule(_ python: String) async throws -> Bool {
            let words = python.contains("/") ? [python] : ["/usr/bin/env", python]
            let program = try cluster.program("python-check", words + ["-c", "import \(module); print(\(module).__file__)"])
            if try await program.exit(within: .seconds(60)) == 0 { return true }
            problems.append("\(python): \(program.output.lastLines(1))")
            return false
        }
        for candidate in named + ["python3", "/usr/bin/python3"] where try await hasModule(candidate) {
            guard !candidate.contains("/") else { return candidate }
            let which = try cluster.program("python-path", ["/usr/bin/env", candidate, "-c", "import sys; print(sys.executable)"])
            try await which.exit()
            return which.output.lastLines(1)
        }
        let folder = cluster.directory + "/python"
        let venv = try cluster.program("venv", ["/usr/bin/env", "python3", "-m", "venv", folder])
        if try await venv.exit(within: .seconds(60)) == 0 {
            let pip = try cluster.program("pip", [folder + "/bin/python", "-m", "pip", "install", "--quiet", module])
            if try await pip.exit(within: .seconds(90)) == 0, try await hasModule(folder + "/bin/python") { return folder + "/bin/python" }
            problems.append("pip: \(pip.output.lastLines(1))")
        }
        throw Failure("no Python with \(module): run deploy/test, which makes one, or name one by BATON_TEST_PYTHON (\(problems.joined(separator: "; ")))")
    }
}
