/// The tasks of a run, nested by their parents.
///
/// Any list of tasks gives a tree: one whose parent isn't in the list, or whose parents form a circle, stands at the top.
/// The depth is bounded so that no document can exhaust the stack of whoever reads the tree; what lies deeper is put beside
/// its ancestor at the bound.
public struct TaskTree: Sendable {
    public static let deepest = 64

    public let tasks: [TaskView]
    /// Places in `tasks`, in their order.
    public let roots: [Int]
    /// For each task the places of its children.
    public let children: [[Int]]

    public init(_ tasks: [TaskView]) {
        self.tasks = tasks
        let places = Dictionary(tasks.indices.map { (tasks[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
        var byParent: [[Int]] = Array(repeating: [], count: tasks.count)
        var roots: [Int] = []
        for index in tasks.indices {
            if let parent = tasks[index].parent.flatMap({ places[$0] }), parent != index {
                byParent[parent].append(index)
            } else {
                roots.append(index)
            }
        }
        var children: [[Int]] = Array(repeating: [], count: tasks.count)
        var place = [(parent: Int?, depth: Int)?](repeating: nil, count: tasks.count)

        /// Places everything below `root`, breadth first.
        func placeAll(below root: Int) {
            place[root] = (nil, 1)
            var queue = [root]
            var position = 0
            while position < queue.count {
                let index = queue[position]
                position += 1
                guard let own = place[index] else { continue }
                let target = own.depth < Self.deepest ? index : own.parent ?? index
                for child in byParent[index] where place[child] == nil {
                    place[child] = (target, own.depth < Self.deepest ? own.depth + 1 : own.depth)
                    children[target].append(child)
                    queue.append(child)
                }
            }
        }
        for root in roots { placeAll(below: root) }
        for index in tasks.indices where place[index] == nil {
            roots.append(index)
            placeAll(below: index)
        }
        self.roots = roots
        self.children = children
    }

    /// Calls `enter` for each task before its children and `leave` after them, in order, without recursion.
    public func walk(enter: (_ task: TaskView, _ depth: Int, _ isLast: Bool) -> Void, leave: (TaskView) -> Void = { _ in }) {
        var stack: [(siblings: [Int], next: Int)] = [(roots, 0)]
        while let (siblings, next) = stack.last {
            guard next < siblings.count else {
                stack.removeLast()
                if let (above, position) = stack.last { leave(tasks[above[position - 1]]) }
                continue
            }
            stack[stack.count - 1].next += 1
            enter(tasks[siblings[next]], stack.count - 1, next == siblings.count - 1)
            stack.append((children[siblings[next]], 0))
        }
    }
}
