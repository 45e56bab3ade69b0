/// What is known of a run's tasks, by their numbers: those of the document side by side; those added later only as long as
/// somebody needs them, so that a loop over a million items holds no more than those under way.
///
/// Inlinable, since every decision looks at several of them, from other modules too.
public struct Slots<Element> {
    @usableFromInline var listed: [Element]
    @usableFromInline var added: [Int: Element] = [:]
    /// The next number; all earlier ones have been given.
    public private(set) var count: Int

    public init(_ listed: [Element]) {
        self.listed = listed
        self.count = listed.count
    }

    /// Whether the task is here; one that was added and has ended may not be.
    @inlinable public func has(_ task: Int) -> Bool { listed.indices.contains(task) || added[task] != nil }

    @inlinable public var listedCount: Int { listed.count }

    /// The numbers of all that are here, in order.
    public var indices: [Int] { Array(listed.indices) + added.keys.sorted() }

    /// The numbers of those that were added and are here, in order.
    public var addedIndices: [Int] { added.keys.sorted() }

    /// - Precondition: the task is here.
    @inlinable public subscript(task: Int) -> Element {
        // Lent rather than copied: most readers want one field.
        _read {
            if task < listed.count {
                yield listed[task]
            } else {
                guard let element = added[task] else { preconditionFailure("task \(task) is not in memory") }
                yield element
            }
        }
        _modify {
            if task < listed.count {
                yield &listed[task]
            } else {
                guard var element = added[task] else { preconditionFailure("task \(task) is not in memory") }
                defer { added[task] = element }
                yield &element
            }
        }
    }

    mutating func append(_ element: Element) {
        added[count] = element
        count += 1
    }

    /// Puts back one that was added before.
    mutating func restore(_ element: Element, at task: Int) {
        added[task] = element
        count = max(count, task + 1)
    }

    mutating func reserve(_ count: Int) { self.count = max(self.count, count) }

    mutating func remove(_ task: Int) { added[task] = nil }
}

extension Slots: Sendable where Element: Sendable {}
