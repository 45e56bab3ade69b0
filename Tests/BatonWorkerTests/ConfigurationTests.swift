import Testing

@testable import BatonWorker

@Suite
struct ConfigurationTests {
    @Test func theEnvironmentIsRead() throws {
        let configuration = try WorkerConfiguration.fromEnvironment([
            "BATON_AMQP_URL": "amqp://h/", "BATON_NAMESPACE": "n", "BATON_QUEUES": "a, b", "BATON_SLOTS": "3",
            "BATON_TAGS": "x,y", "BATON_DRAIN_TIMEOUT": "1m", "BATON_ALLOW_SHELL": "true",
        ])
        #expect(configuration.amqpURL == "amqp://h/")
        #expect(configuration.namespace == "n")
        #expect(configuration.queues == ["a", "b"])
        #expect(configuration.slots == 3)
        #expect(configuration.tags == ["x", "y"])
        #expect(configuration.drainTimeout == .seconds(60))
        #expect(configuration.allowShell)
        #expect(try WorkerConfiguration.fromEnvironment([:]).slots == 8)
    }

    @Test(arguments: [
        ("BATON_SLOTS", "many"), ("BATON_SLOTS", "0"), ("BATON_DRAIN_TIMEOUT", "30"), ("BATON_QUEUES", "a b"),
        ("BATON_QUEUES", "a,a"), ("BATON_ALLOW_SHELL", "yes"), ("BATON_NAMESPACE", "a/b"),
    ])
    func mistakesAreNamed(key: String, value: String) {
        let error = #expect(throws: WorkerConfigurationError.self) {
            _ = try WorkerConfiguration.fromEnvironment([key: value])
        }
        #expect(error?.description.isEmpty == false)
    }
}
