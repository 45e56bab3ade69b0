import ArgumentParser
import BatonClient
import BatonModel
import Foundation

/// What all commands that talk to a coordinator take.
struct ClientOptions: ParsableArguments {
    @Option(help: "The coordinator's address. (BATON_SERVER; default: http://127.0.0.1:7070)")
    var server: String?

    @Option(help: "Who is asking, where the coordinator wants to know. In the environment others can't see it. (BATON_TOKEN)")
    var token: String?

    @Flag(help: "Write JSON instead of text for people.")
    var json = false

    @OptionGroup var file: ConfigOption

    var client: BatonClient {
        BatonClient(
            server: server ?? Environment.text("BATON_SERVER") ?? "http://127.0.0.1:7070", token: token ?? Environment.text("BATON_TOKEN"))
    }

    /// Does the work of a command; says what to do where nobody answers. With `--json`, a refusal is written as its problem too.
    func run(_ work: (BatonClient) async throws -> Void) async throws {
        let client = client
        do {
            try await work(client)
        } catch let error as ClientError where error.code == .unreachable {
            throw ClientError(
                .unreachable,
                "can't reach the coordinator at \(client.server): start one with 'baton coordinator' or 'baton dev', or set --server")
        } catch let error as ClientError {
            if json, let problem = error.problem { Terminal.standardOutput(JSONText.pretty(problem)) }
            throw error
        }
    }
}
