import ArgumentParser
import BatonModel

struct GraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draws the graph of a run with where its tasks stand.",
        discussion: """
            Examples:
              baton graph 01JD8Z6T9Q -o order.svg
              baton graph 01JD8Z6T9Q --format mermaid
              baton graph 01JD8Z6T9Q --format dot | dot -Tpng > order.png
            """)

    @Argument(help: "The run's id.")
    var run: RunID

    @Option(help: "svg, dot, mermaid or json. By default by the file's name, else svg.")
    var format: PictureFormat?

    @Option(name: .shortAndLong, help: "The file to write; by default the standard output.")
    var output: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let format = options.json ? .json : format ?? PictureFile.format(of: output) ?? .svg
        try await options.run { client in
            try PictureFile.write(try await client.graph(of: run, as: format), to: output)
        }
    }
}
