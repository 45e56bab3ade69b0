/// The version of this program and its libraries.
public enum BatonVersion {
    public static let current = "0.1.0"
}
