@testable import AMQP
import BatonFuzzing
@testable import BatonHTTP
import CRabbitMQ
@testable import baton

/// What is read in modules' insides: tests see it, other programs don't.
extension FuzzTarget {
    static let inside: [FuzzTarget] = [.http, .table, .options, .access, .listening]

    /// A table of AMQP as it is on the wire, read by the library and then by us.
    private static let tableTokens =
        ["\u{0}\u{0}\u{0}\u{5}", "\u{1}a", "S\u{0}\u{0}\u{0}\u{1}x", "t\u{1}"] + ["F", "A", "I", "l", "D", "V", "T", "x", "d", "f", "b", "B", "s", "u", "i", "L"]

    static let table = FuzzTarget("table", "AMQP's field tables", tokens: tableTokens) { bytes in
        var pool = amqp_pool_t()
        init_amqp_pool(&pool, 4096)
        defer { empty_amqp_pool(&pool) }
        var copy = bytes
        try copy.withUnsafeMutableBytes { buffer in
            var table = amqp_table_t()
            var offset = 0
            guard amqp_decode_table(amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress), &pool, &table, &offset) == 0 else { return }
            var cache = StringCache()
            let headers = AMQP.Headers(table, cache: &cache)
            guard let size = try? headers.encodedSize() else { return }
            var arena = Arena()
            var encoded = arena.table(headers)
            var written = [UInt8](repeating: 0, count: size + 16)
            let end = try written.withUnsafeMutableBytes { target in
                var offset = 0
                let status = amqp_encode_table(amqp_bytes_t(len: target.count, bytes: target.baseAddress), &encoded, &offset)
                try expect(status == 0, "a table that was read can't be written: \(status)")
                return offset
            }
            try expect(end <= size, "a table takes \(end) bytes, more than the \(size) that were counted")
            var again = amqp_table_t()
            let same = try written.withUnsafeMutableBytes { source in
                var offset = 0
                guard amqp_decode_table(amqp_bytes_t(len: end, bytes: source.baseAddress), &pool, &again, &offset) == 0 else {
                    throw Finding("what was written can't be read")
                }
                return AMQP.Headers(again, cache: &cache)
            }
            try expectEqual(same, headers, "a table changes when it is written")
        }
    }

    private static let optionTokens =
        OptionsFile.names.sorted().map { $0 + ": " } + ["\n", "- a", "[a, b]", "true", "~", "&a ", "*a", "!!str ", "|", "{", "}", "#"]

    static let options = FuzzTarget("options", "the file of options", tokens: optionTokens) { bytes in
        do {
            let file = try OptionsFile(text: String(decoding: bytes, as: UTF8.self), path: "baton.yaml")
            for name in file.values.keys { try expect(name.hasPrefix("BATON_"), "an option of the name \(name)") }
        } catch let error as UsageError {
            try expect("\(error)".contains("baton.yaml"), "an error without a place: \(error)")
        }
    }

    private static let accessTokens =
        ["name owner user sha256:", "-", "admin", "viewer", "%2E", "#", "\n", String(repeating: "0a", count: 32)]
        + ["-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n", "-----BEGIN PRIVATE KEY-----"]
        + ["keys", "kty", "RSA", "EC", "OKP", "crv", "P-256", "Ed25519", "n", "e", "AQAB", "x", "y", "use", "sig", "kid", "alg"].map { "\"\($0)\":" }

    static let access = FuzzTarget("access", "files of tokens and keys", tokens: accessTokens) { bytes in
        for read in [{ _ = try TokenList(bytes) }, { _ = try JWTKey.keys(bytes) }, { _ = try JWTKey(secret: bytes) }] {
            do {
                try read()
            } catch let error as AccessError {
                try expect(!error.description.isEmpty, "refused without a reason")
            }
        }
    }

    private static let listeningTokens = ["127.0.0.1", "[::1]", "localhost", ":", "7070", "65536", "[", "]", "0"]

    static let listening = FuzzTarget("listening", "addresses to listen on", tokens: listeningTokens, longest: 128) { bytes in
        guard let address = try? ListenAddress(String(decoding: bytes, as: UTF8.self)) else { return }
        try expect(!address.host.isEmpty && (0...65_535).contains(address.port), "an address that can't be used: \(address)")
    }
}
