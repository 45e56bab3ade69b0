import BatonWire
import Testing

@testable import BatonConformance

@Suite("Frames", .timeLimit(.minutes(1)))
struct FrameTests {
    @Test("frames come out whole, however the bytes arrive", arguments: [1, 2, 7, 1000])
    func splits(size: Int) throws {
        let bytes = Array("AMQP".utf8) + [0, 0, 9, 1] + Frames.ack(1, 5) + Frames.frame(.heartbeat, 0, []) + Frames.ack(2, 6)
        var reader = FrameReader()
        var frames: [Frame] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.add(bytes[start..<min(start + size, bytes.count)])
            while let frame = try reader.next() { frames.append(frame) }
        }
        #expect(frames.map(\.kind) == [nil, .method, .heartbeat, .method])
        #expect(frames.map(\.channel) == [0, 1, 0, 2])
        #expect(frames.flatMap(\.bytes) == bytes)
        #expect(try Method(frames[3].payload) == .ack(tag: 6, isMultiple: false))
    }

    @Test("what isn't AMQP is refused, and so is a frame that would fill memory")
    func garbage() {
        for bytes in [[1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], Array("GET / HTTP/1.1\r\n\r\n".utf8), [1, 0, 0, 0, 0, 0, 0, 0]] {
            var reader = FrameReader()
            reader.add(bytes)
            #expect(throws: FrameReader.NotAMQP.self) { while try reader.next() != nil {} }
        }
    }

    @Test("a method or header that ends early is refused at every length")
    func truncated() throws {
        let deliver = Frames.text("c") + Frames.bytes(UInt64(3)) + [1] + Frames.text("x") + Frames.text("k")
        let payload = Frames.bytes(UInt16(60)) + Frames.bytes(UInt16(60)) + deliver
        for length in payload.indices { #expect(throws: WireReader.Truncated.self) { try Method(Array(payload[..<length])) } }
        let method = try Method(payload)
        #expect(method == .deliver(consumer: "c", tag: 3, isRedelivered: true, exchange: "x", routingKey: "k"))
    }

    @Test("properties and headers of every kind are read")
    func properties() throws {
        let headers = Frames.text("n") + [UInt8(ascii: "l")] + Frames.bytes(Int64(-7)) + Frames.text("t") + [UInt8(ascii: "t"), 1]
            + Frames.text("s") + [UInt8(ascii: "S")] + Frames.bytes(UInt32(2)) + Array("ab".utf8) + Frames.text("f")
            + [UInt8(ascii: "F")] + Frames.bytes(UInt32(3)) + [1, 2, 3]
        let bytes = Frames.content(1, type: "failed", messageID: "m", correlationID: "c", headers: headers)
        var reader = FrameReader()
        reader.add(bytes)
        let header = try ContentHeader(#require(try reader.next()).payload)
        #expect(header.message.type == "failed")
        #expect(header.message.messageID == "m")
        #expect(header.message.correlationID == "c")
        #expect(header.message.isPersistent)
        #expect(header.message.headers.fields.map(\.name) == ["n", "t", "s", "f"])
        #expect(header.message.headers.integer("n") == -7)
        #expect(header.message.headers.bool("t") == true)
        #expect(header.message.headers.string("s") == "ab")
    }
}
