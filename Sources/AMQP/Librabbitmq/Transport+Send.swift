import CRabbitMQ

extension Transport {
    private func send<Method>(_ id: UInt32, _ method: Method, on channel: UInt16, _ what: String) throws(AMQPError) {
        var method = method
        let status = withUnsafeMutablePointer(to: &method) { amqp_send_method(connection, channel, id, $0) }
        guard status == 0 else { throw Self.libraryError(status, context: what) }
    }

    func openChannel(_ channel: UInt16) throws(AMQPError) {
        try send(UInt32(AMQP_CHANNEL_OPEN_METHOD), amqp_channel_open_t(), on: channel, "open a channel")
    }

    func closeChannel(_ channel: UInt16) throws(AMQPError) {
        arena.reset()
        let method = amqp_channel_close_t(reply_code: 200, reply_text: arena.copy("done"), class_id: 0, method_id: 0)
        try send(UInt32(AMQP_CHANNEL_CLOSE_METHOD), method, on: channel, "close a channel")
    }

    func acceptChannelClose(_ channel: UInt16) throws(AMQPError) {
        try send(UInt32(AMQP_CHANNEL_CLOSE_OK_METHOD), amqp_channel_close_ok_t(), on: channel, "close a channel")
    }

    func acceptConnectionClose() throws(AMQPError) {
        try send(UInt32(AMQP_CONNECTION_CLOSE_OK_METHOD), amqp_connection_close_ok_t(), on: 0, "close the connection")
    }

    func acceptFlow(_ channel: UInt16, active: Bool) throws(AMQPError) {
        try send(
            UInt32(AMQP_CHANNEL_FLOW_OK_METHOD), amqp_channel_flow_ok_t(active: active ? 1 : 0), on: channel, "flow")
    }

    func selectConfirms(_ channel: UInt16) throws(AMQPError) {
        try send(UInt32(AMQP_CONFIRM_SELECT_METHOD), amqp_confirm_select_t(nowait: 0), on: channel, "confirm.select")
    }

    func limitPrefetch(_ channel: UInt16, _ count: UInt16) throws(AMQPError) {
        let method = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: count, global: 0)
        try send(UInt32(AMQP_BASIC_QOS_METHOD), method, on: channel, "basic.qos")
    }

    func consume(_ channel: UInt16, queue: String, tag: String, exclusive: Bool, arguments: Headers) throws(AMQPError) {
        arena.reset()
        let method = amqp_basic_consume_t(
            ticket: 0, queue: arena.copy(queue), consumer_tag: arena.copy(tag), no_local: 0, no_ack: 0,
            exclusive: exclusive ? 1 : 0, nowait: 0, arguments: arena.table(arguments))
        try send(UInt32(AMQP_BASIC_CONSUME_METHOD), method, on: channel, "consume from queue '\(queue)'")
    }

    func cancelConsumer(_ channel: UInt16, tag: String) throws(AMQPError) {
        arena.reset()
        let method = amqp_basic_cancel_t(consumer_tag: arena.copy(tag), nowait: 0)
        try send(UInt32(AMQP_BASIC_CANCEL_METHOD), method, on: channel, "cancel a consumer")
    }

    func get(_ channel: UInt16, queue: String) throws(AMQPError) {
        arena.reset()
        let method = amqp_basic_get_t(ticket: 0, queue: arena.copy(queue), no_ack: 0)
        try send(UInt32(AMQP_BASIC_GET_METHOD), method, on: channel, "get from queue '\(queue)'")
    }

    func acknowledge(_ channel: UInt16, tag: UInt64, multiple: Bool) throws(AMQPError) {
        let status = amqp_basic_ack(connection, channel, tag, multiple ? 1 : 0)
        guard status == 0 else { throw Self.libraryError(status, context: "acknowledge") }
    }

    func reject(_ channel: UInt16, tag: UInt64, requeue: Bool) throws(AMQPError) {
        let status = amqp_basic_reject(connection, channel, tag, requeue ? 1 : 0)
        guard status == 0 else { throw Self.libraryError(status, context: "reject") }
    }

    func send(_ request: Request, on channel: UInt16) throws(AMQPError) {
        arena.reset()
        let what = request.description
        switch request {
        case .declareExchange(let exchange, let passive):
            let method = amqp_exchange_declare_t(
                ticket: 0, exchange: arena.copy(exchange.name), type: arena.copy(exchange.type), passive: passive ? 1 : 0,
                durable: exchange.durable ? 1 : 0, auto_delete: exchange.autoDelete ? 1 : 0,
                internal: exchange.internal ? 1 : 0, nowait: 0,
                arguments: arena.table(passive ? Headers() : exchange.arguments))
            try send(UInt32(AMQP_EXCHANGE_DECLARE_METHOD), method, on: channel, what)
        case .declareQueue(let queue, let passive):
            let method = amqp_queue_declare_t(
                ticket: 0, queue: arena.copy(queue.name), passive: passive ? 1 : 0, durable: queue.durable ? 1 : 0,
                exclusive: queue.exclusive ? 1 : 0, auto_delete: queue.autoDelete ? 1 : 0, nowait: 0,
                arguments: arena.table(passive ? Headers() : queue.arguments))
            try send(UInt32(AMQP_QUEUE_DECLARE_METHOD), method, on: channel, what)
        case .inspect(let name):
            let method = amqp_queue_declare_t(
                ticket: 0, queue: arena.copy(name), passive: 1, durable: 0, exclusive: 0, auto_delete: 0, nowait: 0,
                arguments: arena.table(Headers()))
            try send(UInt32(AMQP_QUEUE_DECLARE_METHOD), method, on: channel, what)
        case .inspectExchange(let name):
            let method = amqp_exchange_declare_t(
                ticket: 0, exchange: arena.copy(name), type: arena.copy("direct"), passive: 1, durable: 0, auto_delete: 0,
                internal: 0, nowait: 0, arguments: arena.table(Headers()))
            try send(UInt32(AMQP_EXCHANGE_DECLARE_METHOD), method, on: channel, what)
        case .bind(let binding):
            switch binding.destination {
            case .queue(let name):
                let method = amqp_queue_bind_t(
                    ticket: 0, queue: arena.copy(name), exchange: arena.copy(binding.source),
                    routing_key: arena.copy(binding.routingKey), nowait: 0, arguments: arena.table(binding.arguments))
                try send(UInt32(AMQP_QUEUE_BIND_METHOD), method, on: channel, what)
            case .exchange(let name):
                let method = amqp_exchange_bind_t(
                    ticket: 0, destination: arena.copy(name), source: arena.copy(binding.source),
                    routing_key: arena.copy(binding.routingKey), nowait: 0, arguments: arena.table(binding.arguments))
                try send(UInt32(AMQP_EXCHANGE_BIND_METHOD), method, on: channel, what)
            }
        case .unbind(let binding):
            switch binding.destination {
            case .queue(let name):
                let method = amqp_queue_unbind_t(
                    ticket: 0, queue: arena.copy(name), exchange: arena.copy(binding.source),
                    routing_key: arena.copy(binding.routingKey), arguments: arena.table(binding.arguments))
                try send(UInt32(AMQP_QUEUE_UNBIND_METHOD), method, on: channel, what)
            case .exchange(let name):
                let method = amqp_exchange_unbind_t(
                    ticket: 0, destination: arena.copy(name), source: arena.copy(binding.source),
                    routing_key: arena.copy(binding.routingKey), nowait: 0, arguments: arena.table(binding.arguments))
                try send(UInt32(AMQP_EXCHANGE_UNBIND_METHOD), method, on: channel, what)
            }
        case .deleteQueue(let name, let ifUnused, let ifEmpty):
            let method = amqp_queue_delete_t(
                ticket: 0, queue: arena.copy(name), if_unused: ifUnused ? 1 : 0, if_empty: ifEmpty ? 1 : 0, nowait: 0)
            try send(UInt32(AMQP_QUEUE_DELETE_METHOD), method, on: channel, what)
        case .deleteExchange(let name, let ifUnused):
            let method = amqp_exchange_delete_t(
                ticket: 0, exchange: arena.copy(name), if_unused: ifUnused ? 1 : 0, nowait: 0)
            try send(UInt32(AMQP_EXCHANGE_DELETE_METHOD), method, on: channel, what)
        case .purge(let name):
            let method = amqp_queue_purge_t(ticket: 0, queue: arena.copy(name), nowait: 0)
            try send(UInt32(AMQP_QUEUE_PURGE_METHOD), method, on: channel, what)
        }
    }

    /// Sends a publication that `Publication.check(frameMax:)` let through.
    func publish(_ publication: Publication, on channel: UInt16) throws(AMQPError) {
        arena.reset()
        let source = publication.properties
        var properties = amqp_basic_properties_t()
        var flags = AMQP_BASIC_DELIVERY_MODE_FLAG
        properties.delivery_mode = source.persistent ? 2 : 1
        if let text = source.contentType {
            properties.content_type = arena.copy(text)
            flags |= AMQP_BASIC_CONTENT_TYPE_FLAG
        }
        if let text = source.contentEncoding {
            properties.content_encoding = arena.copy(text)
            flags |= AMQP_BASIC_CONTENT_ENCODING_FLAG
        }
        if let text = source.correlationID {
            properties.correlation_id = arena.copy(text)
            flags |= AMQP_BASIC_CORRELATION_ID_FLAG
        }
        if let text = source.replyTo {
            properties.reply_to = arena.copy(text)
            flags |= AMQP_BASIC_REPLY_TO_FLAG
        }
        if let text = source.expiration {
            properties.expiration = arena.copy(text)
            flags |= AMQP_BASIC_EXPIRATION_FLAG
        }
        if let text = source.messageID {
            properties.message_id = arena.copy(text)
            flags |= AMQP_BASIC_MESSAGE_ID_FLAG
        }
        if let text = source.type {
            properties.type = arena.copy(text)
            flags |= AMQP_BASIC_TYPE_FLAG
        }
        if let text = source.userID {
            properties.user_id = arena.copy(text)
            flags |= AMQP_BASIC_USER_ID_FLAG
        }
        if let text = source.appID {
            properties.app_id = arena.copy(text)
            flags |= AMQP_BASIC_APP_ID_FLAG
        }
        if let priority = source.priority {
            properties.priority = priority
            flags |= AMQP_BASIC_PRIORITY_FLAG
        }
        if let timestamp = source.timestamp {
            properties.timestamp = timestamp
            flags |= AMQP_BASIC_TIMESTAMP_FLAG
        }
        if !source.headers.isEmpty {
            properties.headers = arena.table(source.headers)
            flags |= AMQP_BASIC_HEADERS_FLAG
        }
        properties._flags = amqp_flags_t(bitPattern: flags)
        let exchange = arena.copy(publication.exchange)
        let routingKey = arena.copy(publication.routingKey)
        let status = publication.body.withUnsafeBytes { body in
            // The library only reads the body.
            amqp_basic_publish(
                connection, channel, exchange, routingKey, publication.mandatory ? 1 : 0, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
        guard status == 0 else { throw Self.libraryError(status, context: "publish to exchange '\(publication.exchange)'") }
    }
}
