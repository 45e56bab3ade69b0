extension ConnectionLoop {
    /// Messages and bytes sent before the socket is asked again whether it takes more.
    private static let messagesPerCheck = 32
    private static let bytesPerCheck = 65_536

    var canPublish: Bool { blocked == nil && !publisherPaused }

    /// Sends publications as far as the window, the broker and the socket allow.
    func publish() throws(AMQPError) {
        wantsWrite = false
        guard canPublish, publications.canSend, let transport else { return }
        let channel: Channel
        if let publisher { channel = publisher } else { channel = try openPublisher(transport) }
        var messages = 0
        var bytes = Self.bytesPerCheck
        while let item = publications.next() {
            if bytes >= Self.bytesPerCheck || messages >= Self.messagesPerCheck {
                messages = 0
                bytes = 0
                shared.setBusy(since: now)
                if !transport.isWritable {
                    // What the kernel still holds back must go, or there would never be room.
                    transport.uncork()
                    publications.didFail(item)
                    wantsWrite = true
                    return
                }
            }
            let publication = item.publication
            do throws(AMQPError) {
                try publication.check(frameMax: transport.frameMax)
            } catch {
                publications.didRefuse()
                item.resolve(.failure(error.during("publish to exchange '\(publication.exchange)'")))
                continue
            }
            do throws(AMQPError) {
                try transport.publish(publication, on: channel.number)
            } catch {
                publications.didFail(item)
                throw error
            }
            publications.didSend(item)
            messages += 1
            bytes += publication.body.count + 256
        }
    }

    private func openPublisher(_ transport: Transport) throws(AMQPError) -> Channel {
        let channel = try open(.publisher)
        publisher = channel
        try transport.selectConfirms(channel.number)
        expect(.setup, on: channel)
        return channel
    }
}
