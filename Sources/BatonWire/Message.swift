/// A message as every broker can carry it: AMQP 0-9-1's properties that Baton uses, headers, and a body.
public struct Message: Sendable, Hashable {
    public var type: String?
    public var messageID: String?
    public var correlationID: String?
    public var replyTo: String?
    public var contentType: String?
    public var contentEncoding: String?
    public var appID: String?
    public var priority: UInt8?
    /// In whole seconds since 1970, as AMQP has it.
    public var timestamp: UInt64?
    /// Kept on disk by the broker.
    public var isPersistent: Bool
    public var headers: Headers
    public var body: [UInt8]

    public init(
        type: String? = nil, messageID: String? = nil, correlationID: String? = nil, replyTo: String? = nil,
        contentType: String? = nil, appID: String? = nil, priority: UInt8? = nil, timestamp: UInt64? = nil,
        isPersistent: Bool = true, headers: Headers = [:], body: [UInt8] = [], contentEncoding: String? = nil
    ) {
        self.type = type
        self.messageID = messageID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.appID = appID
        self.priority = priority
        self.timestamp = timestamp
        self.isPersistent = isPersistent
        self.headers = headers
        self.body = body
    }
}

/// A message's headers, in order. There are few, so a look-up goes through them.
public struct Headers: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public enum Value: Sendable, Hashable {
        case string(String)
        case integer(Int64)
        case bool(Bool)
        case number(Double)
        case null
        case array([Value])
        case table([Field])
        /// A value of another type, which Baton has no use for; only its text is kept.
        case other(String)
    }

    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: Value

        public init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    public var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    public init(dictionaryLiteral elements: (String, Value)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    public subscript(name: String) -> Value? {
        get { fields.first { $0.name == name }?.value }
        set {
            let index = fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append(Field(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// A list or table has no text.
    public func string(_ name: String) -> String? {
        switch self[name] {
        case .string(let text), .other(let text): text
        case .integer(let value): String(value)
        case .number(let value): "\(value)"
        case .bool(let value): String(value)
        case .array, .table, .null, nil: nil
        }
    }

    /// Numbers are also read from text, since some clients can send nothing else.
    public func integer(_ name: String) -> Int64? {
        switch self[name] {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        case .string(let text), .other(let text): Int64(text)
        case .bool, .array, .table, .null, nil: nil
        }
    }

    public func bool(_ name: String) -> Bool? {
        switch self[name] {
        case .bool(let value): value
        case .string(let text), .other(let text): Bool(text)
        case .integer(let value): value != 0
        case .number, .array, .table, .null, nil: nil
        }
    }
}
