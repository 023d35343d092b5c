import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An HTTP server on this machine that does what a test says, and counts what arrives.
final class Server: @unchecked Sendable {
    struct Received: Sendable {
        let head: String
        let body: Data
        /// The connection that it came over, by its number, and how many came over that before.
        let connection: Int
        let before: Int
    }

    enum Step: Sendable {
        case send(Data)
        case wait(TimeInterval)
        case close
        /// Closes the connection the hard way.
        case reset
    }

    let url: String
    private let address: sockaddr_in
    private let closed = DispatchSemaphore(value: 0)
    private let answer: @Sendable (Received) -> [Step]
    private let lock = NSLock()
    private var received: [Received] = []
    private var accepted = 0
    private var served = 0
    private var stopped = false

    init(_ answer: @escaping @Sendable (Received) -> [Step]) throws {
        let listener = Self.socket()
        guard listener >= 0 else { throw Unknown(what: "socket: \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw Unknown(what: "bind: \(errno)") }
        // A client that is gone must not end us.
        signal(SIGPIPE, SIG_IGN)
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        self.address = address
        self.answer = answer
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, !lock.withLock({ stopped }) else {
                    if connection >= 0 { close(connection) }
                    close(listener)
                    closed.signal()
                    return
                }
                let number = lock.withLock {
                    accepted += 1
                    served += 1
                    return accepted
                }
                Thread.detachNewThread {
                    self.serve(connection, number)
                    self.lock.withLock { self.served -= 1 }
                }
            }
        }
    }

    var requests: [Received] { lock.withLock { received } }
    var connections: Int { lock.withLock { accepted } }
    /// Those that are still open.
    var openConnections: Int { lock.withLock { served } }

    /// Nobody listens any more when it returns.
    func stop() {
        lock.withLock { stopped = true }
        // Wakes the thread that accepts.
        let connection = Self.socket()
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        close(connection)
        closed.wait()
    }

    private static func socket() -> Int32 {
        #if canImport(Darwin)
            Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #elseif canImport(Musl)
            Musl.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    private func serve(_ connection: Int32, _ number: Int) {
        defer { close(connection) }
        var bytes = Data()
        var before = 0
        while let (head, body) = next(connection, &bytes) {
            let request = Received(head: head, body: body, connection: number, before: before)
            before += 1
            lock.withLock { received.append(request) }
            for step in answer(request) {
                switch step {
                case .send(let data): guard write(connection, data) else { return }
                case .wait(let seconds): Thread.sleep(forTimeInterval: seconds)
                case .close: return
                case .reset:
                    var linger = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
                    return
                }
            }
        }
    }

    /// The next request; nil when the client is gone.
    private func next(_ connection: Int32, _ bytes: inout Data) -> (head: String, body: Data)? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = bytes.range(of: Data("\r\n\r\n".utf8)) {
                let head = String(decoding: bytes[..<end.upperBound], as: UTF8.self)
                let line = head.lowercased().components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
                let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if bytes.distance(from: end.upperBound, to: bytes.endIndex) >= length {
                    let rest = bytes[end.upperBound...]
                    let body = Data(rest.prefix(length))
                    bytes = Data(rest.dropFirst(length))
                    return (head, body)
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    private func write(_ connection: Int32, _ data: Data) -> Bool {
        data.withUnsafeBytes { all in
            var sent = 0
            while sent < all.count {
                let count = send(connection, all.baseAddress! + sent, all.count - sent, 0)
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}
