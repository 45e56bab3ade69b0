import BatonModel
import BatonWorker
import Testing

// Handlers of a shop, as values only: nothing runs them here.

struct Cart: Codable, Sendable { var id: Int }
struct Order: Codable, Sendable { var id: Int; var total: Int; var lines: [String] = [] }
struct Stock: Codable, Sendable { var id: Int }
struct Receipt: Codable, Sendable { var number: String; var amount: Int }
struct Parcel: Codable, Sendable { var code: String }
struct Label: Codable, Sendable {
    var receipt: Receipt
    var street: String
    var stock: Stock?
    var weight: Int?
    var line: String?

    enum CodingKeys: String, CodingKey { case receipt, street, stock, weight = "weight_g", line }
}
enum Choice: String, Codable, Sendable { case approve, reject }

protocol Silent: TaskHandler {}
extension Silent {
    func run(_ input: Input, _ context: TaskContext) async throws -> Output { throw TaskError(type: "unused", message: "unused") }
}

struct Validate: Silent { typealias Input = Cart; typealias Output = Order; static let name: HandlerName = "orders.validate" }
struct Reserve: Silent { typealias Input = Order; typealias Output = Stock; static let name: HandlerName = "stock.reserve" }
struct Release: Silent { typealias Input = Undo<Order, Stock>; typealias Output = JSON; static let name: HandlerName = "stock.release" }
struct Charge: Silent { typealias Input = Order; typealias Output = Receipt; static let name: HandlerName = "payments.charge" }
struct ChargeBackup: Silent { typealias Input = Order; typealias Output = Receipt; static let name: HandlerName = "payments.backup" }
struct Refund: Silent { typealias Input = Undo<Order, Receipt>; typealias Output = JSON; static let name: HandlerName = "payments.refund" }
struct Ship: Silent { typealias Input = Receipt; typealias Output = Parcel; static let name: HandlerName = "shop.ship" }
struct PrintLabel: Silent { typealias Input = Label; typealias Output = Parcel; static let name: HandlerName = "shop.label" }
struct Review: Silent { typealias Input = Order; typealias Output = Choice; static let name: HandlerName = "shop.review" }
struct Count: Silent { typealias Input = Int; typealias Output = Int; static let name: HandlerName = "math.count" }
struct Split: Silent { typealias Input = [String]; typealias Output = [String]; static let name: HandlerName = "text.split" }

/// The same document, however it came about; and one that the reader takes.
func expectSame(_ graph: Graph, _ yaml: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let read = try GraphReader.read(yaml: yaml)
    #expect(graph.document == read.document, sourceLocation: sourceLocation)
    #expect(graph == read, sourceLocation: sourceLocation)
    try graph.validate()
}

/// The places of what is wrong with a graph that can't be built.
func graphProblems(_ steps: () throws -> Void) throws -> [GraphProblem] {
    do {
        _ = try Graph("broken", steps: steps)
    } catch let error as InvalidGraph {
        return error.problems
    }
    return []
}
