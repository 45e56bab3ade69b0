extension RunID {
    /// A new id: 48 bits of time in milliseconds, then 80 random bits, as 26 characters of Crockford's base 32 (a ULID in
    /// lower case), so that ids sort by the time of their submission.
    public static func generate(now: Timestamp, using generator: inout some RandomNumberGenerator) -> RunID {
        var value = UInt128(UInt64(bitPattern: now.milliseconds) & 0xFFFF_FFFF_FFFF) << 80
        value |= UInt128(generator.next()) << 16
        value |= UInt128(UInt16.random(in: .min ... .max, using: &generator))
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let text = String(unsafeUninitializedCapacity: 26) { buffer in
            for position in 0..<26 {
                buffer[25 - position] = alphabet[Int(truncatingIfNeeded: value & 31)]
                value >>= 5
            }
            return 26
        }
        return RunID(rawValue: text)
    }
}
