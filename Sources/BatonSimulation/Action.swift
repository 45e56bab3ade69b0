import BatonModel

/// One step of a simulation.
enum Action: CustomStringConvertible {
    case core
    case publisher
    case feed
    case arrive(SimulatedLink, Int)
    case confirm(SimulatedLink, Int)
    case deliver(String)
    case start(ModelWorker)
    case wake(ModelWorker)
    case connect(SimulatedLink)
    case startCoordinator
    case startWorker
    case goOn(ModelWorker)
    case advance(Duration)
    case submit
    case submitAgain
    case cancel
    case rerun
    case answer
    case schedule
    case pause
    case resume
    case fault(FaultKind)

    var description: String {
        switch self {
        case .core: "the core takes a turn"
        case .publisher: "the publisher takes a turn"
        case .feed: "the events take a turn"
        case .arrive(let link, let count): "\(count) from \(link.name) reach the broker"
        case .confirm(let link, let count): "\(count) for \(link.name) are confirmed"
        case .deliver(let queue): "\(queue) delivers"
        case .start(let worker): "\(worker.id) starts a task"
        case .wake(let worker): "\(worker.id) does what is due"
        case .connect(let link): "\(link.name) connects"
        case .startCoordinator: "a coordinator starts"
        case .startWorker: "a worker starts"
        case .goOn(let worker): "\(worker.id) goes on"
        case .advance(let time): "the clock goes to \(time.milliseconds)"
        case .submit: "a graph is submitted"
        case .submitAgain: "a graph is submitted again"
        case .cancel: "something is cancelled"
        case .rerun: "a run is run again"
        case .answer: "somebody answers"
        case .schedule: "a schedule is made"
        case .pause: "a queue is paused"
        case .resume: "a queue is resumed"
        case .fault(let kind): "fault: \(kind.rawValue)"
        }
    }
}
