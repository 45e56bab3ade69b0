import Benchmark
import JMESPath

/// What a task's condition needs: to be compiled, which happens once, and to be looked at.
func registerJMESPath() {
    let condition = "order.total > `100` && order.customer.country == 'NO' && length(order.lines[?quantity > `1`]) > `0`"
    let lines = (0..<10).map { #"{"sku":"A-\#($0)","quantity":\#($0 % 3),"price":12.5,"gift":false}"# }.joined(separator: ",")
    let text = Array(
        #"{"order":{"id":4711,"total":250,"customer":{"name":"Kari","country":"NO"},"lines":[\#(lines)]}}"#.utf8)

    Benchmark("JMESPath: a condition is compiled", configuration: .counted(.kilo)) { benchmark in
        try benchmark.counting { for _ in benchmark.scaledIterations { blackHole(try Expression(condition)) } }
    }
    Benchmark("JMESPath: a condition is evaluated", configuration: .counted(.kilo)) { benchmark in
        let expression = try Expression(condition)
        let value = try Value(json: text)
        try benchmark.counting { for _ in benchmark.scaledIterations { blackHole(try expression.evaluate(value)) } }
    }
    // As results of tasks come from the store.
    Benchmark("JMESPath: a condition is evaluated on text", configuration: .counted(.kilo)) { benchmark in
        let expression = try Expression(condition)
        try benchmark.counting {
            for _ in benchmark.scaledIterations { blackHole(try expression.evaluate(Value(json: text))) }
        }
    }
}
