/// How two values are compared. Order is known of two numbers and of two strings only.
enum Comparator: String, Hashable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}
