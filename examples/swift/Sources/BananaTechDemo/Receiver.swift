import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The receiver of webhooks: takes the raw body, answers at once, and hands the body on. In production a web framework does that;
/// here are sockets, so that the demo needs nothing.
final class Receiver: Sendable {
    let url: String
    private let bodies: AsyncStream<Data>
    private let taken: AsyncStream<Data>.Continuation

    init() throws {
        #if canImport(Glibc) || canImport(Musl)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let listener = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try ensure(listener >= 0 && listens, "no port to listen on")
        // Who sent a webhook may be gone before the answer.
        signal(SIGPIPE, SIG_IGN)
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/webhooks"
        (bodies, taken) = AsyncStream.makeStream()
        Thread.detachNewThread { [taken] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection >= 0 { Self.serve(connection, taken) }
            }
        }
    }

    /// The next body; none if it doesn't come in time, and none comes any more then.
    func next(before deadline: Date) async -> Data? {
        let patience = Task { [taken] in
            try await Task.sleep(nanoseconds: UInt64(max(0, deadline.timeIntervalSinceNow) * 1_000_000_000))
            taken.finish()
        }
        defer { patience.cancel() }
        return await bodies.first { _ in true }
    }

    /// The raw bytes, not a parsed body; and 200 only once they are in safe hands. In production that is a table, not a stream:
    /// after the 200 the webhook doesn't come again.
    private static func serve(_ connection: Int32, _ taken: AsyncStream<Data>.Continuation) {
        defer { close(connection) }
        guard let (head, body) = read(connection) else { return }
        var status = "404 Not Found"
        if head.hasPrefix("POST /webhooks ") {
            if case .enqueued = taken.yield(body) { status = "200 OK" } else { status = "503 Service Unavailable" }
        }
        let answer = Array("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        _ = send(connection, answer, answer.count, 0)
    }

    /// One request, whose body has a `Content-Length`.
    private static func read(_ connection: Int32) -> (head: String, body: Data)? {
        var (bytes, buffer) = (Data(), [UInt8](repeating: 0, count: 16_384))
        while bytes.count < 1 << 20 {
            if let end = bytes.range(of: Data("\r\n\r\n".utf8)) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let line = head.lowercased().components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
                let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                let body = bytes[end.upperBound...]
                if body.count >= length { return (head, Data(body.prefix(length))) }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: buffer[..<count])
        }
        return nil
    }
}
