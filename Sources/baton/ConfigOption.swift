import ArgumentParser

/// Where options come from that are neither on the command line nor in the environment.
struct ConfigOption: ParsableArguments {
    @Option(
        help: "A file of options, in YAML, by their names without dashes. (BATON_CONFIG; default: baton.yaml here, if there is one)",
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    /// Reads the file before the command runs, so that a mistake in it is one of the command line.
    func validate() throws {
        do throws(UsageError) {
            Environment.use(try OptionsFile.read(config))
        } catch {
            throw ValidationError(error.description)
        }
    }
}
