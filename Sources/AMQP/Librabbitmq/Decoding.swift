import CRabbitMQ
import Glibc

/// Strings that come again and again (exchanges, queues, header names, types), so that a delivery doesn't allocate them.
struct StringCache {
    private var slots = [String](repeating: "", count: 256)

    mutating func string(_ bytes: amqp_bytes_t) -> String {
        guard bytes.len > 0, let start = bytes.bytes else { return "" }
        let buffer = UnsafeRawBufferPointer(start: start, count: bytes.len)
        // Up to 15 bytes a Swift string holds its text itself.
        if bytes.len <= 15 { return String(decoding: buffer, as: UTF8.self) }
        var hash: UInt32 = 2_166_136_261
        for byte in buffer { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let slot = Int(hash & 255)
        let matches =
            slots[slot].utf8.withContiguousStorageIfAvailable {
                $0.count == buffer.count && memcmp($0.baseAddress!, start, buffer.count) == 0
            } ?? false
        if !matches { slots[slot] = String(decoding: buffer, as: UTF8.self) }
        return slots[slot]
    }
}

extension String {
    /// Bytes that aren't UTF-8 are replaced by U+FFFD.
    init(_ bytes: amqp_bytes_t) {
        guard bytes.len > 0, let start = bytes.bytes else {
            self = ""
            return
        }
        self = String(decoding: UnsafeRawBufferPointer(start: start, count: bytes.len), as: UTF8.self)
    }
}

extension [UInt8] {
    init(_ bytes: amqp_bytes_t) {
        guard bytes.len > 0, let start = bytes.bytes else {
            self = []
            return
        }
        self = Array(UnsafeRawBufferPointer(start: start, count: bytes.len))
    }
}

extension Headers {
    /// Copies a table out of the library's memory. What is nested deeper than anyone nests on purpose becomes null.
    init(_ table: amqp_table_t, cache: inout StringCache, depth: Int = 0) {
        self.init()
        guard table.num_entries > 0, let source = table.entries else { return }
        entries.reserveCapacity(Int(table.num_entries))
        for index in 0..<Int(table.num_entries) {
            let entry = source[index]
            entries.append((cache.string(entry.key), FieldValue(entry.value, cache: &cache, depth: depth)))
        }
    }
}

extension FieldValue {
    init(_ field: amqp_field_value_t, cache: inout StringCache, depth: Int) {
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(field.value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .int(Int64(field.value.i8))
        case AMQP_FIELD_KIND_U8: self = .int(Int64(field.value.u8))
        case AMQP_FIELD_KIND_I16: self = .int(Int64(field.value.i16))
        case AMQP_FIELD_KIND_U16: self = .int(Int64(field.value.u16))
        case AMQP_FIELD_KIND_I32: self = .int(Int64(field.value.i32))
        case AMQP_FIELD_KIND_U32: self = .int(Int64(field.value.u32))
        case AMQP_FIELD_KIND_I64: self = .int(field.value.i64)
        case AMQP_FIELD_KIND_U64: self = .int(Int64(clamping: field.value.u64))
        case AMQP_FIELD_KIND_F32: self = .double(Double(field.value.f32))
        case AMQP_FIELD_KIND_F64: self = .double(field.value.f64)
        case AMQP_FIELD_KIND_DECIMAL:
            var divisor = 1.0
            for _ in 0..<field.value.decimal.decimals { divisor *= 10 }
            self = .double(Double(field.value.decimal.value) / divisor)
        case AMQP_FIELD_KIND_UTF8:
            let bytes = field.value.bytes
            if bytes.len == 0 {
                self = .string("")
            } else {
                let buffer = UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len)
                if let text = String(validating: buffer, as: UTF8.self) { self = .string(text) } else { self = .bytes(Array(buffer)) }
            }
        case AMQP_FIELD_KIND_BYTES: self = .bytes([UInt8](field.value.bytes))
        case AMQP_FIELD_KIND_TIMESTAMP: self = .timestamp(field.value.u64)
        case AMQP_FIELD_KIND_ARRAY where depth < 64:
            let array = field.value.array
            var values: [FieldValue] = []
            if let source = array.entries {
                for index in 0..<Int(max(0, array.num_entries)) {
                    values.append(FieldValue(source[index], cache: &cache, depth: depth + 1))
                }
            }
            self = .array(values)
        case AMQP_FIELD_KIND_TABLE where depth < 64:
            self = .table(Headers(field.value.table, cache: &cache, depth: depth + 1))
        default: self = .null
        }
    }
}

extension Properties {
    /// Copies the properties of a message; only those the flags announce are there.
    init(_ source: amqp_basic_properties_t, cache: inout StringCache) {
        let flags = source._flags
        func has(_ flag: Int32) -> Bool { flags & UInt32(bitPattern: flag) != 0 }
        self.init(persistent: has(AMQP_BASIC_DELIVERY_MODE_FLAG) && source.delivery_mode == 2)
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) { contentType = cache.string(source.content_type) }
        if has(AMQP_BASIC_CONTENT_ENCODING_FLAG) { contentEncoding = cache.string(source.content_encoding) }
        if has(AMQP_BASIC_HEADERS_FLAG) { headers = Headers(source.headers, cache: &cache) }
        if has(AMQP_BASIC_PRIORITY_FLAG) { priority = source.priority }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) { correlationID = String(source.correlation_id) }
        if has(AMQP_BASIC_REPLY_TO_FLAG) { replyTo = cache.string(source.reply_to) }
        if has(AMQP_BASIC_EXPIRATION_FLAG) { expiration = cache.string(source.expiration) }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { messageID = String(source.message_id) }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { timestamp = source.timestamp }
        if has(AMQP_BASIC_TYPE_FLAG) { type = cache.string(source.type) }
        if has(AMQP_BASIC_USER_ID_FLAG) { userID = cache.string(source.user_id) }
        if has(AMQP_BASIC_APP_ID_FLAG) { appID = cache.string(source.app_id) }
    }
}
