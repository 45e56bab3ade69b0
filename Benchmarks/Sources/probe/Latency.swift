import AMQP
import ArgumentParser

/// Submits single tasks over AMQP and takes their outcomes.
struct Latency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the time from the submission of a single task to its result.",
        discussion: """
            First one at a time; then with many under way, for the greatest rate; then at half of that rate, at equal distances,
            whether or not those before are done.
            """)

    @OptionGroup var broker: ClusterOptions

    @Option(help: "How many one at a time.")
    var tasks = 1_000

    @Option(help: "How many are under way where the greatest rate is looked for.")
    var inFlight = 512

    @Option(help: "How many seconds at the greatest rate, and twice as many at half of it.")
    var seconds = 5.0

    func validate() throws {
        guard tasks > 0, inFlight > 0, seconds > 0 else { throw ValidationError("--tasks, --in-flight and --seconds must be positive") }
    }

    func run() async throws {
        let configuration = try ConnectionConfiguration(url: broker.amqpUrl)
        let publishing = Connection(configuration)
        let consuming = Connection(configuration)
        try await withThrowingTaskGroup { group in
            group.addTask { try await publishing.run() }
            group.addTask { try await consuming.run() }
            let single = try await SingleTasks(publishing: publishing, consuming: consuming, namespace: broker.namespace)
            _ = try await single.oneByOne(min(tasks, 100))  // to warm up
            let idle = Percentiles(try await single.oneByOne(tasks))
            let rate = try await single.closedLoop(inFlight: inFlight, seconds: seconds)
            let half = Percentiles(try await single.openLoop(rate: rate / 2, seconds: seconds * 2))
            let figures = [
                ("idle_p50_us", idle[0.5]), ("idle_p99_us", idle[0.99]), ("greatest_rate", rate), ("half_p50_us", half[0.5]),
                ("half_p99_us", half[0.99]), ("tasks", Double(single.answers.count)),
            ]
            print("{" + figures.map { #""\#($0)": \#($1)"# }.joined(separator: ", ") + "}", to: &standardOutput)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
