import Foundation

/// The sandbox as a child process.
final class Sandbox {
    let url: String
    private let process = Process()
    private let input = Pipe()

    /// Starts it on a free port. It ends when this process does: its standard input closes then.
    init(program: String, webhookURL: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--port", "0", "--exit-with-stdin", "--webhook-url", webhookURL]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()

        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8), !byte.isEmpty {
            line.append(byte)
        }
        let said = String(decoding: line, as: UTF8.self)
        let sign = "bananatech-sandbox listening on "
        guard said.hasPrefix(sign) else { throw Failure("the sandbox should say its address first") }
        url = String(said.dropFirst(sign.count))
    }

    func stop() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        try ensure(process.terminationStatus == 0, "the sandbox ended with \(process.terminationStatus)")
    }
}
