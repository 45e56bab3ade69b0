import CRabbitMQ
import Glibc

/// Memory for the strings and tables of one call into the library.
///
/// Everything handed out stays where it is until `reset`, which keeps the first block: after a few calls, encoding a
/// message allocates nothing. Freed with the arena. Not `Sendable`: it belongs to one connection's thread.
struct Arena: ~Copyable {
    private static let blockSize = 16_384
    private var block: UnsafeMutableRawPointer
    private var used = 0
    private var extra: [UnsafeMutableRawPointer] = []

    init() { block = .allocate(byteCount: Self.blockSize, alignment: 16) }

    deinit {
        block.deallocate()
        for pointer in extra { pointer.deallocate() }
    }

    mutating func reset() {
        used = 0
        if !extra.isEmpty {
            for pointer in extra { pointer.deallocate() }
            extra.removeAll()
        }
    }

    private mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        let start = (used + 15) & ~15
        if start + size <= Self.blockSize {
            used = start + size
            return block + start
        }
        let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 16)
        extra.append(pointer)
        return pointer
    }

    mutating func copy(_ text: String) -> amqp_bytes_t {
        let count = text.utf8.count
        guard count > 0 else { return amqp_bytes_t(len: 0, bytes: nil) }
        let memory = allocate(count)
        var text = text
        text.withUTF8 { memory.copyMemory(from: UnsafeRawPointer($0.baseAddress!), byteCount: count) }
        return amqp_bytes_t(len: count, bytes: memory)
    }

    mutating func copy(_ bytes: [UInt8]) -> amqp_bytes_t {
        guard !bytes.isEmpty else { return amqp_bytes_t(len: 0, bytes: nil) }
        let memory = allocate(bytes.count)
        bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
        return amqp_bytes_t(len: bytes.count, bytes: memory)
    }

    /// Encodes a table whose size was checked by `Headers.encodedSize`.
    mutating func table(_ headers: Headers) -> amqp_table_t {
        guard !headers.isEmpty else { return amqp_table_t(num_entries: 0, entries: nil) }
        let entries = allocate(headers.count * MemoryLayout<amqp_table_entry_t>.stride)
            .bindMemory(to: amqp_table_entry_t.self, capacity: headers.count)
        for (index, entry) in headers.entries.enumerated() {
            let value = field(entry.value)
            (entries + index).initialize(to: amqp_table_entry_t(key: copy(entry.name), value: value))
        }
        return amqp_table_t(num_entries: Int32(headers.count), entries: entries)
    }

    private mutating func field(_ value: FieldValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .string(let text):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = copy(text)
        case .int(let number):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = number
        case .bool(let flag):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = flag ? 1 : 0
        case .double(let number):
            field.kind = UInt8(AMQP_FIELD_KIND_F64.rawValue)
            field.value.f64 = number
        case .bytes(let bytes):
            field.kind = UInt8(AMQP_FIELD_KIND_BYTES.rawValue)
            field.value.bytes = copy(bytes)
        case .timestamp(let seconds):
            field.kind = UInt8(AMQP_FIELD_KIND_TIMESTAMP.rawValue)
            field.value.u64 = seconds
        case .array(let values):
            field.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
            let entries = allocate(values.count * MemoryLayout<amqp_field_value_t>.stride)
                .bindMemory(to: amqp_field_value_t.self, capacity: values.count)
            for (index, element) in values.enumerated() { (entries + index).initialize(to: self.field(element)) }
            field.value.array = amqp_array_t(num_entries: Int32(values.count), entries: entries)
        case .table(let headers):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = table(headers)
        case .null:
            field.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
        }
        return field
    }
}
